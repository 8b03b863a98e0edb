/* SPDX-License-Identifier: BSD-3-Clause */
/* The step of step_by_hand.c for one type.  Before including define REAL, FN(name), TANH, ROWS (of a tile), DISPATCH
 * and FUNCTION (libxsmm's product of this type). */

typedef struct FN(step) {
    int n_layers, n_streams; /* streams: 1, the value; or 4, the value and its derivatives by t, x, and x twice */
    int sizes[LAYERS + 1];
    int64_t weight[LAYERS], bias[LAYERS], n_parameters; /* places in theta */
    int64_t n_rows, n_tiles, n_slots;
    int rows; /* of a tile */
    FUNCTION forward[LAYERS], backward[LAYERS], first_slope[LAYERS], next_slope[LAYERS];
    libxsmm_xtransfunction transpose[LAYERS];
    REAL *transposed[LAYERS]; /* weights, column-major */
    REAL *theta, *mean, *square, *slots, *x, *y, *scratch[THREADS];
    double *losses; /* of slots */
    int64_t n_steps;
} FN(step);

static REAL *FN(zeros)(int64_t n)
{
    const size_t bytes = ((size_t)n * sizeof(REAL) + 127) / 64 * 64;
    REAL *array = aligned_alloc(64, bytes);
    if (!array) exit(1);
    memset(array, 0, bytes);
    return array;
}

/* A tile holds feature after feature, of each all streams, of each stream all rows: a column-major matrix of
 * n_streams * rows by n_features.  So every loop and every product runs over whole vectors, however narrow the layer.
 */
static void FN(prepare)(FN(step) * step, int n_layers, const int *sizes, int n_streams, int64_t n_rows)
{
    const REAL one = 1, zero = 0;
    step->n_layers = n_layers;
    step->n_streams = n_streams;
    step->n_rows = n_rows;
    step->rows = n_rows < ROWS ? (int)n_rows : ROWS;
    step->n_tiles = (n_rows + step->rows - 1) / step->rows;
    step->n_slots = step->n_tiles < 64 ? step->n_tiles : 64;
    memcpy(step->sizes, sizes, sizeof *sizes * (size_t)(n_layers + 1));
    const int tall = n_streams * step->rows;
    for (int l = 0; l < n_layers; l++) {
        const int n_in = sizes[l], n_out = sizes[l + 1];
        const libxsmm_blasint ld_tall = tall, ld_in = n_in, ld_out = n_out;
        step->weight[l] = step->n_parameters;
        step->bias[l] = step->weight[l] + n_in * n_out;
        step->n_parameters = step->bias[l] + n_out;
        step->transposed[l] = FN(zeros)(n_in * n_out);
        step->forward[l] = DISPATCH(tall, n_out, n_in, &ld_tall, &ld_in, &ld_tall, &one, &zero, NULL, NULL);
        step->backward[l] = DISPATCH(tall, n_in, n_out, &ld_tall, &ld_out, &ld_tall, &one, &zero, NULL, NULL);
        step->first_slope[l] = DISPATCH(n_out, n_in, tall, &ld_out, &ld_tall, &ld_out, &one, &zero, NULL, NULL);
        step->next_slope[l] = DISPATCH(n_out, n_in, tall, &ld_out, &ld_tall, &ld_out, &one, &one, NULL, NULL);
        libxsmm_descriptor_blob blob;
        step->transpose[l] = libxsmm_dispatch_trans(
            libxsmm_trans_descriptor_init(&blob, sizeof(REAL), (unsigned)tall, (unsigned)n_out, (unsigned)n_out));
        if (!step->forward[l] || !step->backward[l] || !step->first_slope[l] || !step->next_slope[l]) {
            fputs("libxsmm makes no code for this CPU\n", stderr);
            exit(1);
        }
    }
    step->theta = FN(zeros)(step->n_parameters);
    step->mean = FN(zeros)(step->n_parameters);
    step->square = FN(zeros)(step->n_parameters);
    step->slots = FN(zeros)(step->n_parameters * step->n_slots);
    step->losses = calloc((size_t)step->n_slots, sizeof(double));
    if (!step->losses) exit(1);
    for (int l = 0; l < n_layers; l++)
        for (int64_t i = 0; i < sizes[l] * sizes[l + 1]; i++)
            step->theta[step->weight[l] + i] =
                (REAL)((2 * draw(step->weight[l] + i + 1) - 1) * sqrt(6.0 / (sizes[l] + sizes[l + 1])));
    step->x = FN(zeros)(2 * n_rows);
    step->y = FN(zeros)(n_rows);
    for (int64_t i = 0; i < n_rows; i++) {
        double a = draw(1000001 + 2 * i), b = 2 * draw(1000002 + 2 * i) - 1;
        if (n_streams == 1) a = 2 * a - 1;
        step->x[2 * i] = (REAL)a;
        step->x[2 * i + 1] = (REAL)b;
        step->y[i] = (REAL)(a * a * b - 0.5 * b);
    }
    int64_t widest = 0, all = 0;
    for (int l = 0; l <= n_layers; l++) {
        if (sizes[l] > widest) widest = sizes[l];
        all += sizes[l];
    }
    for (int i = 0; i < THREADS; i++) step->scratch[i] = FN(zeros)(tall * (2 * all + 3 * widest));
}

/* y = tanh(z + bias), and its derivatives along. */
static void FN(activate)(const REAL *restrict z, REAL *restrict y, const REAL *restrict bias, int n, int rows,
                         int streams)
{
    for (int j = 0; j < n; j++) {
        const REAL b = bias[j], *zj = z + (int64_t)j * streams * rows;
        REAL *yj = y + (int64_t)j * streams * rows;
        if (streams == 1) {
#pragma omp simd
            for (int i = 0; i < rows; i++) yj[i] = TANH(zj[i] + b);
        } else {
#pragma omp simd
            for (int i = 0; i < rows; i++) {
                const REAL v = TANH(zj[i] + b), s = 1 - v * v, x = zj[2 * rows + i];
                yj[i] = v;
                yj[rows + i] = s * zj[rows + i];
                yj[2 * rows + i] = s * x;
                yj[3 * rows + i] = s * zj[3 * rows + i] - 2 * v * s * (x * x);
            }
        }
    }
}

/* d: the loss by y becomes the loss by z; its sums are added to the slope of the bias. */
static void FN(deactivate)(REAL *restrict d, const REAL *restrict z, const REAL *restrict y, REAL *restrict slope,
                           int n, int rows, int streams)
{
    for (int j = 0; j < n; j++) {
        const int64_t at = (int64_t)j * streams * rows;
        const REAL *zj = z + at, *yj = y + at;
        REAL *dj = d + at, sum = 0;
        if (streams == 1) {
#pragma omp simd reduction(+ : sum)
            for (int i = 0; i < rows; i++) {
                const REAL g = dj[i] * (1 - yj[i] * yj[i]);
                dj[i] = g;
                sum += g;
            }
        } else {
#pragma omp simd reduction(+ : sum)
            for (int i = 0; i < rows; i++) {
                const REAL v = yj[i], s = 1 - v * v, t = zj[rows + i], x = zj[2 * rows + i], xx = zj[3 * rows + i];
                const REAL by_t = dj[rows + i], by_x = dj[2 * rows + i], by_xx = dj[3 * rows + i];
                const REAL g =
                    s * (dj[i] - 2 * v * (t * by_t + x * by_x + xx * by_xx) + (6 * v * v - 2) * x * x * by_xx);
                dj[i] = g;
                dj[rows + i] = s * by_t;
                dj[2 * rows + i] = s * by_x - 4 * v * s * x * by_xx;
                dj[3 * rows + i] = s * by_xx;
                sum += g;
            }
        }
        slope[j] += sum;
    }
}

/* Value and derivative of the loss by the last pre-activations o; rows beyond `real` are padding and count nothing. */
static double FN(cost)(const FN(step) * step, int64_t first, int real, const REAL *o, REAL *d, REAL *slope)
{
    const int rows = step->rows;
    const REAL bias = step->theta[step->n_parameters - 1], share = (REAL)(2.0 / (double)step->n_rows), nu = (REAL)NU;
    double loss = 0;
    REAL sum = 0;
    for (int i = 0; i < rows; i++) {
        const REAL u = o[i] + bias;
        if (step->n_streams == 1) {
            const REAL r = i < real ? u - step->y[first + i] : 0;
            loss += (double)(r * r);
            d[i] = share * r;
        } else {
            const REAL x = o[2 * rows + i], r = i < real ? o[rows + i] + u * x - nu * o[3 * rows + i] : 0,
                       e = share * r;
            loss += (double)(r * r);
            d[i] = e * x;
            d[rows + i] = e;
            d[2 * rows + i] = e * u;
            d[3 * rows + i] = -nu * e;
        }
        sum += d[i];
    }
    *slope += sum;
    return loss;
}

static double FN(tile)(const FN(step) * step, int64_t tile, REAL *slots, bool is_first, REAL *scratch)
{
    const int rows = step->rows, streams = step->n_streams, tall = rows * streams, last = step->n_layers - 1;
    const int64_t first = tile * rows;
    const int real = step->n_rows - first < rows ? (int)(step->n_rows - first) : rows;
    REAL *y[LAYERS + 1], *z[LAYERS + 1], *at = scratch;
    int widest = 0;
    for (int l = 0; l <= last + 1; l++) {
        y[l] = at;
        z[l] = at + tall * step->sizes[l];
        at = z[l] + tall * step->sizes[l];
        if (step->sizes[l] > widest) widest = step->sizes[l];
    }
    REAL *d = at, *other = d + tall * widest, *across = other + tall * widest;
    for (int i = 0; i < rows; i++) {
        const REAL *x = step->x + 2 * (first + (i < real ? i : 0));
        for (int j = 0; j < 2; j++) {
            REAL *column = y[0] + j * tall + i;
            column[0] = x[j];
            if (streams == 1) continue;
            column[rows] = j == 0;
            column[2 * rows] = j == 1;
            column[3 * rows] = 0;
        }
    }
    for (int l = 0; l <= last; l++) {
        step->forward[l](y[l], step->transposed[l], z[l + 1]);
        if (l < last) FN(activate)(z[l + 1], y[l + 1], step->theta + step->bias[l], step->sizes[l + 1], rows, streams);
    }
    const double loss = FN(cost)(step, first, real, z[last + 1], d, slots + step->bias[last]);
    for (int l = last; l >= 0; l--) {
        const REAL *wide = d; /* (n_out, tall): of one output it is what it is already */
        const unsigned ld_tall = (unsigned)tall, ld_out = (unsigned)step->sizes[l + 1];
        if (ld_out > 1) {
            step->transpose[l](d, &ld_tall, across, &ld_out);
            wide = across;
        }
        (is_first ? step->first_slope : step->next_slope)[l](wide, y[l], slots + step->weight[l]);
        if (l == 0) break;
        step->backward[l](d, step->theta + step->weight[l], other);
        FN(deactivate)(other, z[l], y[l], slots + step->bias[l - 1], step->sizes[l], rows, streams);
        REAL *swap = d;
        d = other;
        other = swap;
    }
    return loss;
}

/* Loss and gradient. */
static double FN(evaluate)(FN(step) * step, int n_threads)
{
    const int64_t n = step->n_parameters;
    for (int l = 0; l < step->n_layers; l++) {
        const int n_in = step->sizes[l], n_out = step->sizes[l + 1];
        const REAL *from = step->theta + step->weight[l];
        for (int i = 0; i < n_in; i++)
            for (int j = 0; j < n_out; j++) step->transposed[l][j * n_in + i] = from[i * n_out + j];
    }
#pragma omp parallel for schedule(static) num_threads(n_threads) if (n_threads > 1 && step->n_slots > 1)
    for (int64_t slot = 0; slot < step->n_slots; slot++) {
        REAL *slots = step->slots + slot * n, *scratch = step->scratch[omp_get_thread_num()];
        const int64_t begin = step->n_tiles * slot / step->n_slots, end = step->n_tiles * (slot + 1) / step->n_slots;
        for (int l = 0; l < step->n_layers; l++)
            memset(slots + step->bias[l], 0, sizeof(REAL) * (size_t)step->sizes[l + 1]);
        double loss = 0;
        for (int64_t tile = begin; tile < end; tile++) loss += FN(tile)(step, tile, slots, tile == begin, scratch);
        step->losses[slot] = loss;
    }
    for (int64_t apart = 1; apart < step->n_slots; apart *= 2)
        for (int64_t i = 0; i + apart < step->n_slots; i += 2 * apart) {
            REAL *into = step->slots + i * n;
            const REAL *from = into + apart * n;
            for (int64_t j = 0; j < n; j++) into[j] += from[j];
            step->losses[i] += step->losses[i + apart];
        }
    return step->losses[0] / (double)step->n_rows;
}

static void FN(adam)(FN(step) * step)
{
    const double t = (double)++step->n_steps;
    const REAL rate = (REAL)(1e-3 / (1 - pow(0.9, t))), unbias = (REAL)(1 / sqrt(1 - pow(0.999, t)));
    REAL *restrict theta = step->theta, *restrict mean = step->mean, *restrict square = step->square;
    const REAL *restrict g = step->slots;
    for (int64_t i = 0; i < step->n_parameters; i++) {
        mean[i] = (REAL)0.9 * mean[i] + (REAL)0.1 * g[i];
        square[i] = (REAL)0.999 * square[i] + (REAL)0.001 * (g[i] * g[i]);
        theta[i] -= rate * mean[i] / (unbias * (REAL)sqrt(square[i]) + (REAL)1e-8);
    }
}

static void FN(run)(void *context, int64_t n, int n_threads)
{
    FN(step) *step = context;
    for (int64_t i = 0; i < n; i++) {
        FN(evaluate)(step, n_threads);
        FN(adam)(step);
    }
}

static void FN(measure)(const char *name, int n_layers, const int *sizes, int n_streams, int64_t n_rows, int n_threads)
{
    static FN(step) step;
    FN(prepare)(&step, n_layers, sizes, n_streams, n_rows);
    FN(run)(&step, 3, n_threads);
    const double loss = FN(evaluate)(&step, n_threads);
    double squares = 0;
    for (int64_t i = 0; i < step.n_parameters; i++) squares += (double)step.slots[i] * (double)step.slots[i];
    double wall, processor;
    time_of_run(FN(run), &step, n_threads, &wall, &processor);
    print_step(name, wall, processor, loss, sqrt(squares));
}
