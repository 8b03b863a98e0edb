/* SPDX-License-Identifier: BSD-3-Clause */
/* ansatz doctor: what this machine offers, what of it is used, and what would help. */
#include "cli.h"

#include "peak.h"

#include "base/io.h"
#include "base/json_write.h"
#include "base/linalg.h"
#include "base/memory.h"
#include "base/parallel.h"
#include "report/report.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#define PRODUCT_SIZE 768
#define PRODUCT_RUNS 6

static void cpu_name(char *name, size_t size)
{
    char line[512];
    snprintf(name, size, "unknown");
    FILE *file = fopen("/proc/cpuinfo", "re");
    while (file && fgets(line, sizeof line, file)) {
        char *colon = strchr(line, ':');
        if (!colon || strncmp(line, "model name", 10) != 0) continue;
        snprintf(name, size, "%.*s", (int)strcspn(colon + 2, "\n"), colon + 2);
        break;
    }
    if (file) fclose(file);
}

/* Multiplications and additions a second of a square matrix product on one thread. */
static az_status product_flops(double *flops)
{
    const int64_t n = PRODUCT_SIZE;
    double *a = NULL, *b = NULL, *c = NULL, best = INFINITY;
    az_status status = AZ_OK;
    AZ_GOTO(AZ_NEW_ARRAY(a, n * n));
    AZ_GOTO(AZ_NEW_ARRAY(b, n * n));
    AZ_GOTO(AZ_NEW_ARRAY(c, n * n));
    for (int64_t i = 0; i < n * n; i++) {
        a[i] = 1.0 + (double)(i % 17) / 16;
        b[i] = 1.0 - (double)(i % 13) / 16;
        c[i] = 0;
    }
    for (int run = 0; run < PRODUCT_RUNS; run++) {
        double start = az_seconds();
        az_gemm(false, false, n, n, n, 1, a, n, b, n, 0, c, n);
        best = fmin(best, az_seconds() - start);
    }
    *flops = 2.0 * (double)n * (double)n * (double)n / best;
done:
    az_free(a);
    az_free(b);
    az_free(c);
    return status;
}

/* The features of libansatz-io: what each is for, and whether its library was there at build time. */
typedef struct feature {
    const char *name, *use, *package;
    bool there;
} feature;

enum { N_FEATURES = 4 };

static void list_features(const az_io *io, feature *features)
{
    const feature all[N_FEATURES] = {
        {"netcdf", "reading and writing NetCDF, reading HDF5", "libnetcdf-dev, libhdf5-dev", io && io->open},
        {"units", "converting units", "libudunits2-dev", io && io->convert},
        {"download", "fetching public data sets", "libcurl4-openssl-dev", io && io->download},
        {"gzip", "reading compressed tables", "zlib1g-dev", io && io->inflate_new},
    };
    memcpy(features, all, sizeof all);
}

static void print_features(const az_io *io)
{
    feature features[N_FEATURES];
    if (!io) {
        printf("Files    %s\n", az_error_message()); /* says where it was looked for */
        return;
    }
    const char *libraries = io->libraries();
    printf("Files    %s\n", *libraries ? libraries : "no library of file formats");
    list_features(io, features);
    for (int i = 0; i < N_FEATURES; i++)
        if (!features[i].there)
            printf("         without %s; to build with it, install %s\n", features[i].use, features[i].package);
}

static az_status run(cli_call *call)
{
    char cpu[256];
    const char *how;
    az_blas_info blas;
    double product, peak = cli_peak_flops(&how);
    AZ_TRY(product_flops(&product));
    cpu_name(cpu, sizeof cpu);
    az_blas_describe(&blas);
    int threads = az_available_threads();
    bool gnuplot = az_plot_available();
    const az_io *io = NULL;
    if (az_io_load(&io, "reading NetCDF, HDF5 and gzip")) io = NULL;
    const char *core_type = getenv("OPENBLAS_CORETYPE");
    if (call->options.json) {
        az_json json = {.pretty = true};
        az_json_begin_object(&json, NULL);
        az_json_int(&json, "schema", 1);
        az_json_string(&json, "version", az_version());
        az_json_string(&json, "cpu", cpu);
        az_json_string(&json, "instruction_sets", cli_instruction_sets());
        az_json_int(&json, "threads", threads);
        az_json_string(&json, "blas", blas.library);
        az_json_string(&json, "kernels", blas.kernels);
        az_json_string(&json, "better_kernels", blas.better);
        az_json_number(&json, "matrix_product_gflops", product / 1e9);
        az_json_number(&json, "limit_gflops", peak / 1e9);
        az_json_bool(&json, "gnuplot", gnuplot);
        feature features[N_FEATURES];
        az_json_string(&json, "file_libraries", io ? io->libraries() : NULL);
        list_features(io, features);
        for (int i = 0; i < N_FEATURES; i++) az_json_bool(&json, features[i].name, features[i].there);
        az_json_end_object(&json);
        return cli_print_json(&json);
    }
    printf("Ansatz   %s\nCPU      %s\n         %s\nThreads  %d available to this process (--threads)\n", az_version(),
           cpu, cli_instruction_sets(), threads);
    printf("BLAS     %s, kernels: %s%s%s\n", blas.library, *blas.kernels ? blas.kernels : "unknown",
           core_type ? ", OPENBLAS_CORETYPE=" : "", core_type ? core_type : "");
    if (blas.better)
        printf("         These kernels are for an older CPU; set OPENBLAS_CORETYPE=%s before the program starts.\n",
               blas.better);
    printf("Product  %.1f GFLOP/s in a %d x %d matrix product on one thread, %.0f %% of the limit\n", product / 1e9,
           PRODUCT_SIZE, PRODUCT_SIZE, 100 * product / peak);
    printf("         (limit %.1f GFLOP/s, measured with %s)\n", peak / 1e9, how);
    printf("Plots    %s\n",
           gnuplot ? "gnuplot found" : "no gnuplot: reports come without pictures (Debian: gnuplot-nox)");
    print_features(io);
    cli_next("ansatz show FILE");
    return cli_finish_output();
}

const cli_command cli_doctor = {
    .name = "doctor",
    .heading = "help",
    .arguments = "",
    .summary = "Show CPU, BLAS, threads and features, and measure the matrix product",
    .example = "ansatz doctor",
    .options = "json",
    .computes = true,
    .run = run,
};
