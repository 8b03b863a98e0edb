/* SPDX-License-Identifier: BSD-3-Clause */
/* Kernels made at run time by the generator of libxsmm (Heinecke, Henry, Hutchinson, Pabst: LIBXSMM, SC 2016).
 *
 * Its generator alone (libxsmmgen), which turns a shape into machine code in a buffer.  The library around it is no
 * guest: when it is loaded it sets OMP_PROC_BIND for the whole process, makes a file in /tmp, locks ten megabytes of
 * memory and registers a function with atexit (libxsmm 1.17, libxsmm_main.c). */
#include "base/product_kernels.h"

#ifdef AZ_HAVE_XSMM
#include <libxsmm_cpuid.h>
#include <libxsmm_generator.h>
#include <pthread.h>
#include <stdatomic.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

typedef struct shape {
    int32_t m, n, k, lda, ldb, ldc;
    int32_t is_double, accumulate, isa;
} shape;

/* A kernel and what it is for, in pages of their own; written once, before they are made executable. */
typedef struct jit_kernel {
    const struct jit_kernel *next;
    shape shape;
} jit_kernel;
enum { CODE_OFFSET = 128, CODE_SIZE = 131072 - CODE_OFFSET, N_LISTS = 256, MOST_KERNELS = 16384 };

/* The kernels of the process, which stay until it ends: a product keeps nothing that would have to be given back. Lists
 * grow at the front, so that they are read without a lock. */
static _Atomic(const jit_kernel *) lists[N_LISTS];
static pthread_mutex_t making = PTHREAD_MUTEX_INITIALIZER;
static int n_kernels; /* under the mutex */

static az_product_kernel *code_of(const jit_kernel *found)
{
    const char *code = (const char *)found + CODE_OFFSET;
    az_product_kernel *kernel;
    memcpy(&kernel, &code, sizeof kernel); /* C has no cast from object to function pointers */
    return kernel;
}

static az_product_kernel *look_up(const shape *wanted, const jit_kernel *list)
{
    for (; list; list = list->next)
        if (!memcmp(&list->shape, wanted, sizeof *wanted)) return code_of(list);
    return NULL;
}

static const jit_kernel *make(const shape *s, const jit_kernel *next)
{
    void *pages = mmap(NULL, CODE_OFFSET + CODE_SIZE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (pages == MAP_FAILED) return NULL;
    libxsmm_generated_code code = {.generated_code = (char *)pages + CODE_OFFSET,
                                   .buffer_size = CODE_SIZE,
                                   .code_type = 2, /* machine code */
                                   .arch = s->isa == AZ_ISA_V4 ? LIBXSMM_X86_AVX512_CORE : LIBXSMM_X86_AVX2};
    libxsmm_descriptor_blob blob;
    const double beta = s->accumulate;
    const libxsmm_gemm_descriptor *descriptor = libxsmm_gemm_descriptor_dinit(
        &blob, s->is_double ? LIBXSMM_GEMM_PRECISION_F64 : LIBXSMM_GEMM_PRECISION_F32, s->m, s->n, s->k, s->lda, s->ldb,
        s->ldc, 1.0, beta, LIBXSMM_GEMM_FLAG_NONE, LIBXSMM_GEMM_PREFETCH_NONE);
    if (descriptor) libxsmm_generator_gemm_kernel(&code, descriptor);
    const size_t page = (size_t)sysconf(_SC_PAGESIZE);
    const size_t used = (CODE_OFFSET + code.code_size + page - 1) / page * page;
    if (!descriptor || code.last_error || code.code_size == 0) {
        munmap(pages, CODE_OFFSET + CODE_SIZE);
        return NULL;
    }
    if (used < CODE_OFFSET + CODE_SIZE) munmap((char *)pages + used, CODE_OFFSET + CODE_SIZE - used);
    jit_kernel *made = pages;
    made->next = next;
    made->shape = *s;
    if (mprotect(pages, used, PROT_READ | PROT_EXEC)) { /* a system that allows no new code */
        munmap(pages, used);
        return NULL;
    }
    return made;
}

static az_product_kernel *find(const shape *wanted)
{
    uint32_t hash = 2166136261u; /* FNV-1a */
    for (size_t i = 0; i < sizeof *wanted; i++) hash = (hash ^ ((const unsigned char *)wanted)[i]) * 16777619u;
    _Atomic(const jit_kernel *) *list = &lists[hash % N_LISTS];
    az_product_kernel *kernel = look_up(wanted, atomic_load_explicit(list, memory_order_acquire));
    if (kernel) return kernel;
    pthread_mutex_lock(&making);
    const jit_kernel *first = atomic_load_explicit(list, memory_order_acquire);
    kernel = look_up(wanted, first); /* another thread may have made it meanwhile */
    if (!kernel && n_kernels < MOST_KERNELS) {
        const jit_kernel *made = make(wanted, first);
        if (made) {
            n_kernels++;
            kernel = code_of(made);
            atomic_store_explicit(list, made, memory_order_release);
        }
    }
    pthread_mutex_unlock(&making);
    return kernel;
}

static void run(const az_product *product, const void *left, const void *right, void *result)
{
    const char *a = left, *b = right;
    const int64_t size = product->is_double ? sizeof(double) : sizeof(float);
    const int64_t block = product->block_k, n_blocks = product->n_blocks;
    product->kernel[0](a, b, result);
    for (int64_t p = 1; p < n_blocks; p++)
        product->kernel[p + 1 < n_blocks ? 1 : 2](a + p * block * product->lda * size, b + p * block * size, result);
    if (product->m_main < product->m) {
        az_product rest = *product;
        const int64_t offset = product->m_main * size;
        rest.m -= product->m_main;
        az_product_plain(product->isa)->product[product->is_double](&rest, a + offset, b, (char *)result + offset);
    }
}

bool az_product_find_xsmm(az_product *product)
{
    if (product->isa < AZ_ISA_V3 || product->m == 0 || product->n == 0 || product->k == 0) return false;
    const int64_t largest = INT32_MAX / 16;
    if (product->m > largest || product->n > largest || product->k > largest || product->lda > largest ||
        product->ldb > largest || product->ldc > largest)
        return false;
    const int64_t size = product->is_double ? sizeof(double) : sizeof(float);
    /* With AVX-512 a block of rows that fits one vector gets up to four chains for each element
     * (generator_gemm_avx512_microkernel.c, l_n_accs), so other bits: such rows, what is left of blocks of four
     * vectors, are for our own kernels. */
    product->m_main = product->m;
    if (product->isa == AZ_ISA_V4) {
        const int64_t lanes = 64 / size, left = product->m % (4 * lanes);
        if (left <= lanes) product->m_main -= left;
    }
    if (product->m_main == 0) return false;
    /* Generated code walks over all of A for each group of columns.  Blocks of k keep A in the cache of the second
     * level, where there are columns enough to make up for reading C once more. */
    const int64_t second_level = 524288;
    int64_t block = product->n < 64 ? product->k : second_level / (product->m_main * size) / 64 * 64;
    if (block < 64) block = 64;
    if (block > product->k) block = product->k;
    product->block_k = block;
    product->n_blocks = (product->k + block - 1) / block;
    shape s = {.m = (int32_t)product->m_main,
               .n = (int32_t)product->n,
               .k = (int32_t)block,
               .lda = (int32_t)product->lda,
               .ldb = (int32_t)product->ldb,
               .ldc = (int32_t)product->ldc,
               .is_double = product->is_double,
               .accumulate = product->accumulate,
               .isa = (int32_t)product->isa};
    for (int i = 0; i < 3; i++) {
        if ((i == 1 && product->n_blocks <= 2) || (i == 2 && product->n_blocks <= 1)) continue;
        if (i > 0) s.accumulate = 1;
        if (i == 2) s.k = (int32_t)(product->k - (product->n_blocks - 1) * block);
        product->kernel[i] = find(&s);
        if (!product->kernel[i]) return false;
    }
    product->run = run;
    return true;
}
#else
bool az_product_find_xsmm(az_product *product)
{
    (void)product;
    return false;
}
#endif
