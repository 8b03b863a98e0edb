/* SPDX-License-Identifier: BSD-3-Clause */
/* Loops made at run time against each operation by itself, on random programs: the same bits, nothing written beside
 * the results, more values under way than there are registers. */
#include "base/loop_code.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

enum { OUTER = 3, INNER = 32, MOST = OUTER * INNER, GUARD = 16, PROGRAMS = 400 };

static uint64_t state = 20240229;
static int below(int n)
{
    state = state * 6364136223846793005u + 1442695040888963407u;
    return (int)((state >> 33) % (uint64_t)n);
}

/* Some numbers of any size, and a few that are none. */
static double draw(void)
{
    static const double odd[] = {0.0, -0.0, INFINITY, -INFINITY, 1e-310, 3e38, 1e-40, NAN};
    if (below(20) == 0) return odd[below(8)];
    return ldexp(below(1 << 30) - (1 << 29) + below(1 << 20) * 0x1p-20, below(40) - 50);
}

typedef struct program {
    bool is_double;
    int n_steps, n_arrays;
    az_loop_step steps[AZ_LOOP_STEPS];
    az_walk walks[AZ_LOOP_ARRAYS];
} program;

static double get(const program *p, const void *array, int64_t i)
{
    return p->is_double ? ((const double *)array)[i] : (double)((const float *)array)[i];
}

static void set(const program *p, void *array, int64_t i, double value)
{
    if (p->is_double)
        ((double *)array)[i] = value;
    else
        ((float *)array)[i] = (float)value;
}

/* Every step reads arrays or steps before it; the last result, and every third or so, is kept. */
static void make(program *p, bool is_double)
{
    *p = (program){.is_double = is_double, .n_steps = 1 + below(AZ_LOOP_STEPS)};
    const int n_in = 1 + below(24);
    for (int k = 0; k < n_in; k++) p->walks[p->n_arrays++] = (az_walk)below(4);
    for (int s = 0; s < p->n_steps; s++) {
        az_loop_step *step = &p->steps[s];
        step->op = (unsigned)(1 + below(9)) << 8;
        if (s + 1 == p->n_steps && step->op == AZ_OP_IS_LESS) step->op = AZ_OP_IS_ADD;
        int mask = -1; /* the last one, where there is any */
        for (int m = 0; m < s; m++)
            if (p->steps[m].op == AZ_OP_IS_LESS) mask = m;
        if (mask >= 0 && below(4) == 0) step->op = AZ_OP_IS_SELECT;
        step->n = step->op == AZ_OP_IS_NEG || step->op == AZ_OP_IS_ONE_LESS_SQUARE ? 1 : 2;
        if (step->op == AZ_OP_IS_SELECT) step->n = 3;
        for (int k = 0; k < step->n; k++) {
            const int from = s && below(2) ? below(s) : -1 - below(n_in);
            step->in[k] = (int16_t)(from >= 0 && p->steps[from].op == AZ_OP_IS_LESS ? -1 - below(n_in) : from);
        }
        if (step->op == AZ_OP_IS_SELECT) step->in[0] = (int16_t)mask;
        step->result_in = -1;
        if (s + 1 == p->n_steps || (below(3) == 0 && step->op != AZ_OP_IS_LESS)) {
            step->result_in = (int16_t)p->n_arrays;
            p->walks[p->n_arrays++] = AZ_WALK_ALL;
        }
    }
}

/* One operation, rounded to the type; sums of two floats and the like are exact enough in double for that (Figueroa
 * 1995: more than twice the digits and two), a quotient and a negated square too; multiply-adds are asked of the type.
 */
static double work_out(const program *p, unsigned op, double a, double b, double c)
{
    double y = 0;
    switch (op) {
    case AZ_OP_IS_ADD: y = a + b; break;
    case AZ_OP_IS_SUB: y = a - b; break;
    case AZ_OP_IS_MUL: y = a * b; break;
    case AZ_OP_IS_DIV: y = a / b; break;
    case AZ_OP_IS_NEG: y = -a; break;
    case AZ_OP_IS_MIN: return a < b || isnan(a) ? a : b;
    case AZ_OP_IS_MAX: return a > b || isnan(a) ? a : b;
    case AZ_OP_IS_LESS: return a < b;
    case AZ_OP_IS_SELECT: return a != 0 ? b : c;
    default: return p->is_double ? fma(-a, a, 1) : (double)fmaf((float)-a, (float)a, 1);
    }
    return p->is_double ? y : (double)(float)y;
}

static bool same(double a, double b)
{
    return isnan(a) ? isnan(b) : memcmp(&a, &b, sizeof a) == 0;
}

static void check(const program *p, az_isa isa)
{
    static double storage[AZ_LOOP_ARRAYS][MOST + 2 * GUARD];
    static double before[AZ_LOOP_ARRAYS][MOST + 2 * GUARD];
    unsigned char code[16384];
    size_t entry;
    void *arrays[AZ_LOOP_ARRAYS];
    const size_t size = p->is_double ? sizeof(double) : sizeof(float);
    for (int k = 0; k < p->n_arrays; k++) {
        arrays[k] = (char *)storage[k] + GUARD * size;
        for (int i = 0; i < MOST + 2 * GUARD; i++) set(p, storage[k], i, draw());
    }
    memcpy(before, storage, sizeof before);
    const size_t length =
        az_loop_write(isa, p->is_double, p->steps, p->n_steps, p->walks, p->n_arrays, code, sizeof code, &entry);
    assert_true(length > 0 || p->n_steps > 12); /* a short one always fits */
    if (length == 0) return;
    unsigned char *pages = az_loop_pages(code, length);
    if (!pages) skip(); /* a system that lets no program make code */
    az_loop_code *loop;
    const unsigned char *begin = pages + entry;
    memcpy(&loop, &begin, sizeof begin);
    loop(OUTER, (int64_t)(INNER * size), arrays);
    for (int i = 0; i < MOST; i++) {
        double value[AZ_LOOP_STEPS];
        for (int s = 0; s < p->n_steps; s++) {
            const az_loop_step *step = &p->steps[s];
            double x[3] = {0};
            for (int k = 0; k < step->n; k++) {
                const int array = -1 - step->in[k];
                const int at = array < 0                          ? 0
                               : p->walks[array] == AZ_WALK_ALL   ? i
                               : p->walks[array] == AZ_WALK_OUTER ? i / INNER
                               : p->walks[array] == AZ_WALK_INNER ? i % INNER
                                                                  : 0;
                x[k] = array < 0 ? value[step->in[k]] : get(p, before[array], GUARD + at);
            }
            value[s] = work_out(p, step->op, x[0], x[1], x[2]);
            if (step->result_in < 0) continue;
            const double found = get(p, storage[step->result_in], GUARD + i);
            if (!same(found, value[s])) fail_msg("step %d, element %d: %.17g and %.17g", s, i, found, value[s]);
            set(p, before[step->result_in], GUARD + i, found); /* its array is that of no operand */
        }
    }
    for (int k = 0; k < p->n_arrays; k++) /* all else is as it was */
        for (int i = 0; i < MOST + 2 * GUARD; i++) assert_true(same(get(p, storage[k], i), get(p, before[k], i)));
    az_loop_free(pages, length);
}

static void test_random_programs(void **unused)
{
    (void)unused;
    int n_sets = 0;
    for (int isa = AZ_ISA_V3; isa <= (int)az_isa_of_cpu(); isa++)
        for (int is_double = 0; is_double < 2; is_double++)
            for (int n = 0; az_loop_lanes((az_isa)isa, is_double) && n < PROGRAMS; n++, n_sets++) {
                program p;
                make(&p, is_double);
                check(&p, (az_isa)isa);
            }
    if (n_sets == 0) skip();
}

static void test_what_cannot_be(void **unused)
{
    (void)unused;
    const az_loop_step step = {.op = AZ_OP_IS_ADD, .n = 2, .in = {-1, -1}, .result_in = 1};
    const az_walk walks[] = {AZ_WALK_ALL, AZ_WALK_ALL};
    unsigned char code[4096];
    size_t entry;
    assert_int_equal(az_loop_lanes(AZ_ISA_BASE, false), 0);
    assert_int_equal(az_loop_write(AZ_ISA_BASE, false, &step, 1, walks, 2, code, sizeof code, &entry), 0);
    assert_int_equal(az_loop_write(AZ_ISA_V3, false, &step, 1, walks, 2, code, 20, &entry), 0); /* no room */
    const az_loop_step unknown = {.op = AZ_OP_IS, .n = 1, .in = {-1, -1}, .result_in = 1};
    assert_int_equal(az_loop_write(AZ_ISA_V3, false, &unknown, 1, walks, 2, code, sizeof code, &entry), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_random_programs), cmocka_unit_test(test_what_cannot_be)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
