/* SPDX-License-Identifier: BSD-3-Clause */
/* Encodings: Intel 64 and IA-32 Architectures Software Developer's Manual, volume 2, chapter 2 (2.3 VEX, 2.7 EVEX). */
#include "base/loop_code.h"

#include <string.h>
#include <sys/mman.h>

#if defined(__x86_64__)

int az_loop_lanes(az_isa isa, bool is_double)
{
    const int bytes = isa == AZ_ISA_V4 ? 64 : isa == AZ_ISA_V3 ? 32 : 0;
    return bytes / (is_double ? 8 : 4);
}

/* Code that is being written.  Registers: rdi, rsi, rdx are the arguments; rax the address of an array; r8, r9, r10 how
 * many bytes the walks over all, over outer and over inner have gone. */
typedef struct writer {
    unsigned char *code;
    size_t length, capacity;
    az_isa isa;
    bool is_double;
    const az_loop_step *steps;
    const az_walk *walks;
    int n_steps, n_arrays, n_registers;
    int step_register[AZ_LOOP_STEPS], array_register[AZ_LOOP_ARRAYS]; /* -1: in none */
    int step_last_use[AZ_LOOP_STEPS], array_last_use[AZ_LOOP_ARRAYS]; /* number of the step */
    int constant_register[2];                                         /* 1, and the sign alone; -1: in none */
    bool stays[AZ_LOOP_ARRAYS];                                       /* in its register while the inner loop runs */
    bool in_use[32], mask_in_use[8]; /* registers; with AVX-512 there are some for masks, of which 0 stands for none */
    bool full;                       /* of them, or of bytes, there were too few */
    int mask;                        /* with AVX-512: the mask of the next instruction */
} writer;

static void bytes(writer *w, const unsigned char *from, size_t n)
{
    if (w->length + n > w->capacity) {
        w->full = true;
        return;
    }
    memcpy(w->code + w->length, from, n);
    w->length += n;
}
#define BYTES(w, ...) bytes(w, (const unsigned char[]){__VA_ARGS__}, sizeof((const unsigned char[]){__VA_ARGS__}))

static void number(writer *w, int64_t value) /* 32 bits, lowest first */
{
    const uint32_t u = (uint32_t)value;
    BYTES(w, (unsigned char)u, (unsigned char)(u >> 8), (unsigned char)(u >> 16), (unsigned char)(u >> 24));
}

/* What an instruction's last operand is: a register, or memory at rax plus an index register (0: none), or a constant
 * that stands before the loop. */
typedef struct operand {
    enum { REGISTER, MEMORY, CONSTANT } kind;
    int number; /* register; index register; offset in the code */
} operand;

enum { MOVE_IN = 0x10, MOVE_OUT = 0x11, XOR = 0x57, ADD = 0x58, MULTIPLY = 0x59, SUBTRACT = 0x5C, DIVIDE = 0x5E };
enum {
    MINIMUM = 0x5D,
    MAXIMUM = 0x5F,
    COMPARE = 0xC2,
    UNORDERED = 0x03,
    LESS_THAN = 0x11 /* no exception for a NaN */
};
enum { BLEND_BY_MASK = 0x65, BLEND_FLOAT = 0x4A, BLEND_DOUBLE = 0x4B };
enum { BROADCAST_FLOAT = 0x18, BROADCAST_DOUBLE = 0x19, NEGATED_MULTIPLY_ADD_231 = 0xBC };

/* An instruction on vectors: prefix, opcode and operands.  map: 1 for opcodes 0F, 2 for 0F 38, 3 for 0F 3A; prefix_66
 * as the manual says.  W tells double with AVX-512, before that of multiply-adds alone. */
static void vector(writer *w, int map, bool prefix_66, int opcode, int to, int first, operand last)
{
    const int index = last.kind == MEMORY ? last.number : 0, rm = last.kind == REGISTER ? last.number : 0;
    /* Bits beyond the third of the registers' numbers are kept in the prefix, inverted. */
    const bool wide = w->is_double && (w->isa == AZ_ISA_V4 || opcode == NEGATED_MULTIPLY_ADD_231);
    const int r = !(to & 8), x = last.kind == REGISTER ? !(rm & 16) : !(index & 8), b = !(rm & 8);
    if (w->isa == AZ_ISA_V4) {
        const int r2 = !(to & 16), v2 = !(first & 16);
        BYTES(w, 0x62, (unsigned char)(r << 7 | x << 6 | b << 5 | r2 << 4 | map),
              (unsigned char)(wide << 7 | (~first & 15) << 3 | 4 | prefix_66),
              (unsigned char)(0x40 | v2 << 3 | w->mask)); /* 512 bits */
        w->mask = 0;
    } else {
        BYTES(w, 0xC4, (unsigned char)(r << 7 | x << 6 | b << 5 | map),
              (unsigned char)(wide << 7 | (~first & 15) << 3 | 4 | prefix_66)); /* 256 bits */
    }
    BYTES(w, (unsigned char)opcode);
    const int reg = (to & 7) << 3;
    if (last.kind == REGISTER) {
        BYTES(w, (unsigned char)(0xC0 | reg | (rm & 7)));
    } else if (last.kind == CONSTANT) { /* relative to the end of the instruction */
        BYTES(w, (unsigned char)(reg | 5));
        number(w, (int64_t)last.number - (int64_t)(w->length + 4));
    } else if (index) {
        BYTES(w, (unsigned char)(reg | 4), (unsigned char)((index & 7) << 3));
    } else {
        BYTES(w, (unsigned char)reg);
    }
}

static operand in_register(int number)
{
    return (operand){REGISTER, number};
}

static void broadcast(writer *w, int to, operand from)
{
    vector(w, 2, true, w->is_double ? BROADCAST_DOUBLE : BROADCAST_FLOAT, to, 0, from);
}

/* The constants before the loop: 1, and the sign alone. */
enum { ONE = 0, SIGN = 8, CONSTANT_BYTES = 16 };
static void constants(writer *w)
{
    const double one = 1, sign = -0.0;
    const float one_f32 = 1, sign_f32 = -0.0f;
    unsigned char text[CONSTANT_BYTES] = {0};
    memcpy(text + ONE, w->is_double ? (const void *)&one : &one_f32, w->is_double ? 8 : 4);
    memcpy(text + SIGN, w->is_double ? (const void *)&sign : &sign_f32, w->is_double ? 8 : 4);
    bytes(w, text, sizeof text);
}

static int free_register(writer *w, const az_loop_step *step)
{
    for (int i = 0; i < w->n_registers; i++)
        if (!w->in_use[i]) {
            w->in_use[i] = true;
            return i;
        }
    for (int k = 0; k < w->n_arrays; k++) { /* what was read can be read again */
        bool needed = false;
        for (int i = 0; i < step->n; i++) needed = needed || step->in[i] == -1 - k;
        if (w->array_register[k] < 0 || needed || w->stays[k]) continue;
        const int taken = w->array_register[k];
        w->array_register[k] = -1;
        return taken;
    }
    w->full = true;
    return 0;
}

static operand at_array(writer *w, int array)
{
    static const int index[] = {[AZ_WALK_ALL] = 8, [AZ_WALK_OUTER] = 9, [AZ_WALK_INNER] = 10, [AZ_WALK_ONE] = 0};
    BYTES(w, 0x48, 0x8B, 0x82); /* mov rax, [rdx + ...] */
    number(w, 8 * array);
    return (operand){MEMORY, index[w->walks[array]]};
}

/* The register with an operand of a step. */
static int fetch(writer *w, const az_loop_step *step, int k)
{
    if (step->in[k] >= 0) return w->step_register[step->in[k]];
    const int array = -1 - step->in[k];
    if (w->array_register[array] >= 0) return w->array_register[array];
    const int to = w->array_register[array] = free_register(w, step);
    const operand from = at_array(w, array);
    if (w->walks[array] == AZ_WALK_OUTER || w->walks[array] == AZ_WALK_ONE)
        broadcast(w, to, from);
    else
        vector(w, 1, w->is_double, MOVE_IN, to, 0, from);
    return to;
}

/* With AVX-512 masks have registers of their own. */
static bool is_mask(const writer *w, int value)
{
    return w->isa == AZ_ISA_V4 && value >= 0 && w->steps[value].op == AZ_OP_IS_LESS;
}

/* `value` as in az_loop_step.in: its register is free after its last use. */
static void release(writer *w, int step, int value)
{
    int *where = value >= 0 ? &w->step_register[value] : &w->array_register[-1 - value];
    const int last = value >= 0 ? w->step_last_use[value] : w->array_last_use[-1 - value];
    if (*where < 0 || last > step || (value < 0 && w->stays[-1 - value])) return;
    (is_mask(w, value) ? w->mask_in_use : w->in_use)[*where] = false;
    *where = -1;
}

/* a < b or whatever the predicate says: a mask, in a register of masks, or with AVX2 as ones and zeros in `to`. */
static void compare(writer *w, int predicate, int to, int a, int b)
{
    vector(w, 1, w->is_double, COMPARE, to, a, in_register(b));
    BYTES(w, (unsigned char)predicate);
}

/* to = a where the mask is set, else b. */
static void blend(writer *w, int to, int mask, int a, int b)
{
    if (w->isa == AZ_ISA_V4) {
        w->mask = mask;
        vector(w, 2, true, BLEND_BY_MASK, to, b, in_register(a));
    } else {
        vector(w, 3, true, w->is_double ? BLEND_DOUBLE : BLEND_FLOAT, to, b, in_register(a));
        BYTES(w, (unsigned char)(mask << 4));
    }
}

/* A register for a mask. */
static int free_mask(writer *w, const az_loop_step *step)
{
    if (w->isa != AZ_ISA_V4) return free_register(w, step);
    for (int i = 1; i < 8; i++)
        if (!w->mask_in_use[i]) {
            w->mask_in_use[i] = true;
            return i;
        }
    w->full = true;
    return 1;
}

/* The CPU takes b where a or b is no number, and where both are 0. */
static void extreme(writer *w, const az_loop_step *step, int opcode, int to, int a, int b)
{
    const int mask = free_mask(w, step);
    vector(w, 1, w->is_double, opcode, to, a, in_register(b));
    compare(w, UNORDERED, mask, a, a);
    blend(w, to, mask, a, to);
    (w->isa == AZ_ISA_V4 ? w->mask_in_use : w->in_use)[mask] = false;
}

static void write_step(writer *w, int number)
{
    const az_loop_step *step = &w->steps[number];
    const bool pd = w->is_double;
    if (step->n > 2 && (step->op != AZ_OP_IS_SELECT || step->in[0] < 0)) { /* masks in memory are bytes */
        w->full = true;
        return;
    }
    const int a = fetch(w, step, 0), b = step->n > 1 ? fetch(w, step, 1) : a, c = step->n > 2 ? fetch(w, step, 2) : b;
    const bool to_mask = step->op == AZ_OP_IS_LESS;
    const int to = w->step_register[number] = to_mask ? free_mask(w, step) : free_register(w, step);
    switch (step->op) {
    case AZ_OP_IS_MIN: extreme(w, step, MINIMUM, to, a, b); break;
    case AZ_OP_IS_MAX: extreme(w, step, MAXIMUM, to, a, b); break;
    case AZ_OP_IS_LESS: compare(w, LESS_THAN, to, a, b); break;
    case AZ_OP_IS_SELECT: blend(w, to, a, b, c); break;
    case AZ_OP_IS_ADD: vector(w, 1, pd, ADD, to, a, in_register(b)); break;
    case AZ_OP_IS_SUB: vector(w, 1, pd, SUBTRACT, to, a, in_register(b)); break;
    case AZ_OP_IS_MUL: vector(w, 1, pd, MULTIPLY, to, a, in_register(b)); break;
    case AZ_OP_IS_DIV: vector(w, 1, pd, DIVIDE, to, a, in_register(b)); break;
    case AZ_OP_IS_NEG: /* xor with the sign */
        vector(w, 1, pd, XOR, to, a, in_register(w->constant_register[1]));
        break;
    case AZ_OP_IS_ONE_LESS_SQUARE: /* vfnmadd231: to - a a */
        vector(w, 1, pd, MOVE_IN, to, 0, in_register(w->constant_register[0]));
        vector(w, 2, true, NEGATED_MULTIPLY_ADD_231, to, a, in_register(a));
        break;
    default: w->full = true; break;
    }
    if (step->result_in >= 0 && to_mask) w->full = true;
    if (step->result_in >= 0) vector(w, 1, pd, MOVE_OUT, to, 0, at_array(w, step->result_in));
    for (int k = 0; k < step->n; k++) release(w, number, step->in[k]);
    release(w, number, number);
}

/* Before the inner loop: constants of the steps, and numbers that are the same for all of it while there are registers
 * for them. */
static void write_before_inner(writer *w, int most)
{
    static const unsigned ops[] = {AZ_OP_IS_ONE_LESS_SQUARE, AZ_OP_IS_NEG};
    static const az_loop_step none = {.n = 0};
    for (int c = 0; c < 2; c++) {
        w->constant_register[c] = -1;
        for (int s = 0; s < w->n_steps && w->constant_register[c] < 0; s++) {
            if (w->steps[s].op != ops[c]) continue;
            w->constant_register[c] = free_register(w, &none);
            broadcast(w, w->constant_register[c], (operand){CONSTANT, c == 0 ? ONE : SIGN});
        }
    }
    for (int k = 0; k < w->n_arrays && most > 0; k++) {
        if (w->walks[k] != AZ_WALK_OUTER && w->walks[k] != AZ_WALK_ONE) continue;
        w->stays[k] = true;
        w->array_register[k] = free_register(w, &none);
        broadcast(w, w->array_register[k], at_array(w, k));
        most--;
    }
}

/* most: numbers that stay in registers. */
static void write_loop(writer *w, int most, size_t *entry)
{
    const unsigned char vector_bytes = w->isa == AZ_ISA_V4 ? 64 : 32;
    for (int k = 0; k < w->n_arrays; k++) w->array_register[k] = -1;
    for (int s = 0; s < w->n_steps; s++) {
        const az_loop_step *step = &w->steps[s];
        w->step_register[s] = -1;
        w->step_last_use[s] = s;
        for (int k = 0; k < step->n; k++)
            *(step->in[k] >= 0 ? &w->step_last_use[step->in[k]] : &w->array_last_use[-1 - step->in[k]]) = s;
    }
    constants(w);
    *entry = w->length;
    BYTES(w, 0xF3, 0x0F, 0x1E, 0xFA); /* endbr64 */
    BYTES(w, 0x45, 0x31, 0xC0);       /* xor r8d, r8d */
    BYTES(w, 0x45, 0x31, 0xC9);       /* xor r9d, r9d */
    const size_t outer = w->length;
    BYTES(w, 0x45, 0x31, 0xD2); /* xor r10d, r10d */
    write_before_inner(w, most);
    const size_t inner = w->length;
    for (int s = 0; s < w->n_steps; s++) write_step(w, s);
    BYTES(w, 0x49, 0x83, 0xC0, vector_bytes); /* add r8, ... */
    BYTES(w, 0x49, 0x83, 0xC2, vector_bytes); /* add r10, ... */
    BYTES(w, 0x49, 0x39, 0xF2);               /* cmp r10, rsi */
    BYTES(w, 0x0F, 0x82);                     /* jb inner */
    number(w, (int64_t)inner - (int64_t)(w->length + 4));
    BYTES(w, 0x49, 0x83, 0xC1, w->is_double ? 8 : 4); /* add r9, ... */
    BYTES(w, 0x48, 0xFF, 0xCF);                       /* dec rdi */
    BYTES(w, 0x0F, 0x85);                             /* jnz outer */
    number(w, (int64_t)outer - (int64_t)(w->length + 4));
    BYTES(w, 0xC5, 0xF8, 0x77, 0xC3); /* vzeroupper; ret */
}

size_t az_loop_write(az_isa isa, bool is_double, const az_loop_step *steps, int n_steps, const az_walk *walks,
                     int n_arrays, unsigned char *code, size_t capacity, size_t *entry)
{
    if (az_loop_lanes(isa, is_double) == 0 || n_steps > AZ_LOOP_STEPS || n_arrays > AZ_LOOP_ARRAYS) return 0;
    for (int most = isa == AZ_ISA_V4 ? 12 : 4; most >= 0; most -= 4) {
        writer w = {.code = code,
                    .capacity = capacity,
                    .isa = isa,
                    .is_double = is_double,
                    .steps = steps,
                    .walks = walks,
                    .n_steps = n_steps,
                    .n_arrays = n_arrays,
                    .n_registers = isa == AZ_ISA_V4 ? 32 : 16};
        write_loop(&w, most, entry);
        if (!w.full) return w.length;
    }
    return 0;
}

#else

int az_loop_lanes(az_isa isa, bool is_double)
{
    (void)isa, (void)is_double;
    return 0;
}

size_t az_loop_write(az_isa isa, bool is_double, const az_loop_step *steps, int n_steps, const az_walk *walks,
                     int n_arrays, unsigned char *code, size_t capacity, size_t *entry)
{
    (void)isa, (void)is_double, (void)steps, (void)n_steps, (void)walks, (void)n_arrays, (void)code, (void)capacity;
    *entry = 0;
    return 0;
}

#endif

void *az_loop_pages(const void *code, size_t length)
{
    void *pages = length ? mmap(NULL, length, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0) : MAP_FAILED;
    if (pages == MAP_FAILED) return NULL;
    memcpy(pages, code, length);
    if (mprotect(pages, length, PROT_READ | PROT_EXEC) == 0) return pages;
    munmap(pages, length);
    return NULL;
}

void az_loop_free(void *pages, size_t length)
{
    if (pages) munmap(pages, length);
}
