/* SPDX-License-Identifier: BSD-3-Clause */
/* ansatz show FILE --vars NAME -o map.svg: a field as a picture. */
#include "show.h"
#include "show_fields.h"

#include "base/file.h"
#include "base/memory.h"
#include "report/field_picture.h"

/* The variable to draw: the one that --vars names, or the one with the most dimensions, the first of several. */
static az_status find_field(const cli_fields *fields, int64_t *field)
{
    const az_dataset *dataset = fields->dataset;
    int64_t best = -1;
    for (int64_t v = 0; v < az_dataset_n_fields(dataset); v++) {
        if (!cli_field_is_data(fields, v) || dataset->layout.variables[v].type > AZ_STORED_F64) continue;
        if (best >= 0 && fields->call->options.reader.vars)
            return az_error(AZ_ERROR_USAGE, "--vars must name one variable to draw, not several");
        if (best < 0 || az_dataset_field_n_dimensions(dataset, v) > az_dataset_field_n_dimensions(dataset, best))
            best = v;
    }
    if (best < 0) return az_error(AZ_ERROR_DATA, "%s holds no variable that could be drawn", fields->call->words[0]);
    *field = best;
    return AZ_OK;
}

az_status cli_write_picture(const char *path, const az_text *bytes)
{
    az_output output;
    AZ_TRY(az_output_open(&output, path));
    az_status status = az_output_write(&output, bytes->data, bytes->length);
    if (!status) return az_output_commit(&output);
    az_output_abandon(&output);
    return status;
}

az_status cli_show_picture(const cli_fields *fields)
{
    const az_dataset *dataset = fields->dataset;
    const char *path = fields->call->options.output;
    az_plot_format format = az_plot_format_of(path);
    if (format == AZ_PLOT_NONE) return az_error(AZ_ERROR_USAGE, "-o %s: a picture is an .svg, .png or .pdf file", path);
    AZ_TRY(cli_check_writable(path, "the picture"));
    char *gnuplot = NULL;
    int64_t field = 0;
    az_text bytes = {0};
    az_status status;
    AZ_GOTO(az_plot_find(&gnuplot));
    if (!gnuplot)
        AZ_GOTO(az_error(AZ_ERROR_UNAVAILABLE,
                         "pictures are drawn by gnuplot, which was not found in PATH (Debian: gnuplot-nox)"));
    AZ_GOTO(find_field(fields, &field));
    AZ_GOTO(
        az_field_draw(dataset, field, fields->first, fields->count, gnuplot, format, &bytes, &fields->call->control));
    cli_notes_flush(fields->call);
    AZ_GOTO(cli_write_picture(path, &bytes));
    cli_say(fields->call, "%s drawn to %s", az_dataset_field_name(dataset, field), path);
done:
    az_text_free(&bytes);
    az_free(gnuplot);
    return status;
}
