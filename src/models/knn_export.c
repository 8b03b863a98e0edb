/* SPDX-License-Identifier: BSD-3-Clause */
/* The nearest neighbours as a program: all training rows are looked at.  Distances, the order of neighbours and sums
 * of votes are those of the searches. */
#include "models/knn_export.h"

static void write_distance(const az_knn_export *model, az_code *code)
{
    az_code_write(code, "# The distance (its square, if Euclidean) to a training row.\n"
                        "real function distance(in real query[n_features], in int row) {\n"
                        "    real gap, part[4]\n"
                        "    for l in 0 .. 4 {\n"
                        "        part[l] = 0.0\n"
                        "        for j in l .. n_features step 4 {\n"
                        "            gap = fabs(query[j] - train_x[row * n_features + j])\n");
    if (model->points->period)
        az_code_write(code, "if feature_period[j] > 0.0 && feature_period[j] - gap < gap {\n"
                            "    gap = feature_period[j] - gap\n"
                            "}\n");
    az_code_write(code, model->points->manhattan ? "part[l] += gap\n" : "part[l] += gap * gap\n");
    az_code_write(code, "        }\n"
                        "    }\n"
                        "    return (part[0] + part[1]) + (part[2] + part[3])\n"
                        "}\n");
}

/* A query that is not finite is searched as 0 and answered by NaN. */
static void write_query(const az_knn_export *model, az_code *code)
{
    az_code_write(code, "finite = 1\n"
                        "for j in 0 .. n_features {\n"
                        "    query[j] = features[j]\n"
                        "    if !isfinite(query[j]) {\n"
                        "        finite = 0\n"
                        "        query[j] = 0.0\n"
                        "    }\n");
    if (model->points->period)
        az_code_write(code, "if feature_period[j] > 0.0 {\n"
                            "    turns = trunc(query[j] / feature_period[j])\n"
                            "    if turns > query[j] / feature_period[j] {\n"
                            "        turns = turns - 1.0\n"
                            "    }\n"
                            "    query[j] = query[j] - feature_period[j] * turns\n"
                            "    if !(query[j] >= 0.0 && query[j] < feature_period[j]) {\n"
                            "        query[j] = 0.0\n"
                            "    }\n"
                            "}\n");
    az_code_write(code, "}\n");
}

/* The best so far in order of (distance, row): rows come in order, so a later one goes behind its equals. */
static const char search[] = "n_found = 0\n"
                             "worst = 0.0\n"
                             "for i in 0 .. n_train {\n"
                             "    d = distance(query, i)\n"
                             "    if n_found < n_neighbors || d < worst {\n"
                             "        place = n_found\n"
                             "        for m in 0 .. n_found {\n"
                             "            if neighbour_distance[m] > d && m < place {\n"
                             "                place = m\n"
                             "            }\n"
                             "        }\n"
                             "        if n_found < n_neighbors {\n"
                             "            n_found += 1\n"
                             "        }\n"
                             "        for m in place + 1 .. n_found {\n"
                             "            to = n_found + place - m\n"
                             "            neighbour_distance[to] = neighbour_distance[to - 1]\n"
                             "            neighbour[to] = neighbour[to - 1]\n"
                             "        }\n"
                             "        neighbour_distance[place] = d\n"
                             "        neighbour[place] = i\n"
                             "        worst = neighbour_distance[n_found - 1]\n"
                             "    }\n"
                             "}\n";

static void write_votes(const az_knn_export *model, az_code *code)
{
    az_code_write(code, "total = 0.0\n"
                        "for k in 0 .. n_outputs {\n"
                        "    outputs[k] = 0.0\n"
                        "}\n"
                        "for m in 0 .. n_neighbors {\n");
    az_code_write(code, model->weight ? "vote = train_weight[neighbour[m]]\n" : "vote = 1.0\n");
    if (model->by_distance) {
        az_code_write(code, "if neighbour_distance[m] > neighbour_distance[0] {\n");
        az_code_write(code, model->points->manhattan ? "vote *= neighbour_distance[0] / neighbour_distance[m]\n"
                                                     : "vote *= sqrt(neighbour_distance[0] / neighbour_distance[m])\n");
        az_code_write(code, "}\n");
    }
    az_code_write(code, "total += vote\n");
    if (model->label)
        az_code_write(code, "place = train_label[neighbour[m]]\n"
                            "outputs[place] += vote\n");
    else
        az_code_write(code, "for k in 0 .. n_outputs {\n"
                            "    outputs[k] += vote * train_y[neighbour[m] * n_outputs + k]\n"
                            "}\n");
    az_code_write(code, "}\n"
                        "for k in 0 .. n_outputs {\n"
                        "    outputs[k] = outputs[k] / total\n"
                        "    if finite == 0 {\n"
                        "        outputs[k] = NAN\n"
                        "    }\n"
                        "}\n");
}

void az_knn_write_code(const az_knn_export *model, az_code *code)
{
    const az_knn_points *points = model->points;
    az_code_constant(code, "n_train", points->n_rows);
    az_code_constant(code, "n_neighbors", model->n_neighbors);
    az_code_reals(code, "train_x", points->x, points->n_rows * points->n_features);
    if (points->period) az_code_reals(code, "feature_period", points->period, points->n_features);
    if (model->weight) az_code_reals(code, "train_weight", model->weight, points->n_rows);
    if (model->label)
        az_code_integers(code, "train_label", model->label, points->n_rows);
    else
        az_code_reals(code, "train_y", model->y, points->n_rows * model->n_outputs);
    write_distance(model, code);
    az_code_write(code, "# The training rows nearest to the features, in order, and their votes.\n"
                        "procedure evaluate(in real features[n_features], out real outputs[n_outputs]) {\n"
                        "    real query[n_features], neighbour_distance[n_neighbors], d, worst, vote, total\n"
                        "    int neighbour[n_neighbors], n_found, place, to, finite\n");
    if (points->period) az_code_write(code, "real turns\n");
    write_query(model, code);
    az_code_write(code, search);
    write_votes(model, code);
    az_code_write(code, "}\n");
}
