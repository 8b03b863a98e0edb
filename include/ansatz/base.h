/* SPDX-License-Identifier: BSD-3-Clause */
/* Status codes, error text, version, allocation hook, and the control of long work. */
#ifndef ANSATZ_BASE_H
#define ANSATZ_BASE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#if defined(__GNUC__)
#define AZ_API                         __attribute__((visibility("default")))
#define AZ_PRINTF(format_index, first) __attribute__((format(printf, format_index, first)))
#define AZ_MUST_CHECK                  __attribute__((warn_unused_result))
#else
#define AZ_API
#define AZ_PRINTF(format_index, first)
#define AZ_MUST_CHECK
#endif

#ifdef __cplusplus
extern "C" {
#endif

/* One list for the enum, the sentences and the exit status of the command.  The numbers are those of
 * <sysexits.h>, so that a status can be returned from main() as it is. */
#define AZ_STATUS_LIST(X)                                                                                              \
    X(AZ_OK, 0, "success")                                                                                             \
    X(AZ_ERROR_USAGE, 64, "the call is wrong: an unknown name, a value out of range")                                  \
    X(AZ_ERROR_DATA, 65, "the data or the model file is wrong")                                                        \
    X(AZ_ERROR_NO_INPUT, 66, "the input does not exist or cannot be read")                                             \
    X(AZ_ERROR_UNAVAILABLE, 69, "this build lacks the feature, or a download failed")                                  \
    X(AZ_ERROR_INTERNAL, 70, "a fault of Ansatz itself")                                                               \
    X(AZ_ERROR_MEMORY, 71, "out of memory")                                                                            \
    X(AZ_ERROR_CANNOT_WRITE, 73, "the output cannot be created")                                                       \
    X(AZ_ERROR_IO, 74, "reading or writing failed")                                                                    \
    X(AZ_STOPPED, 75, "stopped by a limit; the checkpoint is valid")                                                   \
    X(AZ_INTERRUPTED, 130, "interrupted")

typedef enum az_status {
#define AZ_STATUS_ENUM(name, code, sentence) name = code,
    AZ_STATUS_LIST(AZ_STATUS_ENUM)
#undef AZ_STATUS_ENUM
} az_status;

/* The sentence of a status, from the list above.  Static text; never NULL. */
AZ_API const char *az_status_text(az_status status);

/* What went wrong in the last call of this thread that failed: what, where (file, row, column, parameter) and what
 * would mend it, in one line; for a formula two more lines, with a caret below the wrong character.  Borrowed: valid
 * until the next failing call of the same thread; "" before any. */
AZ_API const char *az_error_message(void);

/* The version of the library that is running, "major.minor.patch". */
AZ_API const char *az_version(void);

/* The allocator that every allocation of the library goes through.  resize(user, NULL, n) allocates n > 0 bytes
 * aligned for any type, resize(user, p, n) resizes, release(user, p) frees (p is never NULL).  Set it before any
 * other call, from one thread; NULL restores malloc and its kin.  The struct is copied. */
typedef struct az_allocator {
    void *(*resize)(void *user, void *pointer, size_t n_bytes);
    void (*release)(void *user, void *pointer);
    void *user;
} az_allocator;
AZ_API void az_set_allocator(const az_allocator *allocator);

typedef enum az_level { AZ_NOTE, AZ_WARNING } az_level;

typedef struct az_progress {
    const char *what;       /* "fit", "cross-validation", "read": what is going on */
    double done, total;     /* in any unit; total 0: unknown */
    const char *score_name; /* NULL: there is no score to show */
    double score;
} az_progress;

/* The caller's side of long work.  Each callback may be NULL; they are called from the thread that made the call,
 * never from a worker.  A NULL az_control means: one thread, silent, not to be interrupted.  (A fit calls the
 * BLAS, whose threads are the host's to set: OPENBLAS_NUM_THREADS=1 holds OpenBLAS to the calling thread.  Predictions
 * call no BLAS.) */
typedef struct az_control {
    int n_threads;                                                 /* 0 and 1: one thread */
    bool (*interrupted)(void *user);                               /* true: stop with AZ_INTERRUPTED */
    void (*progress)(void *user, const az_progress *progress);     /* called often; must be cheap */
    void (*message)(void *user, az_level level, const char *text); /* one line, what was guessed or noticed */
    void *user;
    double time_limit;      /* seconds for iterative fits; 0: none.  Past it: AZ_STOPPED, if checkpoint is set */
    const char *checkpoint; /* file for the state of an iterative fit, or NULL */
    bool resume;            /* start from the checkpoint if the file exists */
    uint64_t problem;       /* set by the library: digest of the data and rows that a checkpoint belongs to */
} az_control;

#ifdef __cplusplus
}
#endif
#endif
