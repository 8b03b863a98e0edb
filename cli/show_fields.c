/* SPDX-License-Identifier: BSD-3-Clause */
/* A file of fields at a glance: its dimensions, its variables, what it says of itself. */
#include "show_fields.h"

#include "base/memory.h"

#include <string.h>

enum { MAX_ATTRIBUTES = 12, ATTRIBUTE_WIDTH = 96, MAX_TEXTS = 4, MAX_LONG_NAME = 60 };

/* Without memory for the list nothing is named in it. */
static bool is_named(const char *list, const char *name)
{
    char **items;
    int64_t n_items;
    bool found = false;
    if (az_list_split(list, &items, &n_items)) return false;
    for (int64_t i = 0; i < n_items; i++) found |= strcmp(items[i], name) == 0;
    az_free(items);
    return found;
}

az_status cli_check_vars(const cli_fields *fields)
{
    const az_dataset *dataset = fields->dataset;
    char **items;
    int64_t n_items, field;
    if (!fields->call->options.reader.vars) return AZ_OK;
    AZ_TRY(az_list_split(fields->call->options.reader.vars, &items, &n_items));
    az_status status = AZ_OK;
    for (int64_t i = 0; i < n_items && !status; i++) status = az_dataset_find(dataset, items[i], &field);
    az_free(items);
    return status;
}

bool cli_field_is_data(const cli_fields *fields, int64_t field)
{
    const az_dataset *dataset = fields->dataset;
    const az_field *about = &dataset->fields[field];
    const char *vars = fields->call->options.reader.vars;
    return vars ? is_named(vars, az_dataset_field_name(dataset, field)) : !about->is_coordinate && !about->is_bounds;
}

/* "time x lat x lon", or "one number". */
static void append_shape(az_text *text, const az_dataset *dataset, int64_t field)
{
    int64_t n_dims = az_dataset_field_n_dimensions(dataset, field);
    if (n_dims == 0) az_text_append(text, "one value");
    for (int64_t d = 0; d < n_dims; d++)
        az_text_printf(text, "%s%s", d ? " x " : "",
                       az_dataset_dimension_name(dataset, az_dataset_field_dimension(dataset, field, d)));
}

/* Texts are cut where a line would become too long to read. */
static void append_shortened(az_text *text, const char *full, int width)
{
    int used = 0;
    for (const char *c = full; *c;) {
        size_t length = az_utf8_length(c, strlen(c));
        if (++used > width) {
            az_text_append(text, "...");
            return;
        }
        if (*c == '\n') /* a history has a line for each thing that was done */
            az_text_append(text, "; ");
        else
            az_text_append_n(text, length ? c : "?", length ? length : 1);
        c += length ? length : 1;
    }
}

/* ---- dimensions ---- */

void cli_field_value(char buffer[CLI_NUMBER_MAX], const az_field *about, double value)
{
    if (about->is_time && value == value)
        az_time_print(buffer, &about->time, value);
    else
        cli_number(buffer, value, 6);
}

az_status cli_dimension_ends(const cli_fields *fields, int64_t dimension, double ends[2])
{
    int64_t n = fields->count[dimension], one = 1;
    int32_t coordinate = fields->dataset->coordinate[dimension];
    ends[0] = ends[1] = 0;
    for (int i = 0; i < 2 && n > 0; i++) {
        int64_t start = fields->first[dimension] + (i ? n - 1 : 0);
        AZ_TRY(az_dataset_read(fields->dataset, coordinate, &start, &one, &ends[i]));
    }
    return AZ_OK;
}

bool cli_field_has_numbers(const az_dataset *dataset, int64_t field)
{
    return dataset->layout.variables[field].type <= AZ_STORED_F64;
}

static az_status print_dimensions(const cli_fields *fields)
{
    const az_dataset *dataset = fields->dataset;
    cli_grid grid = {.align = "lrrlll"};
    static const char *const heads[] = {"dimension", "size", "from", "to", "unit", ""};
    for (size_t i = 0; i < sizeof heads / sizeof *heads; i++) cli_grid_add(&grid, "%s", heads[i]);
    for (int64_t d = 0; d < az_dataset_n_dimensions(dataset); d++) {
        char number[CLI_NUMBER_MAX], first[CLI_NUMBER_MAX] = "", last[CLI_NUMBER_MAX] = "";
        int32_t coordinate = dataset->coordinate[d];
        const az_field *about = coordinate >= 0 ? &dataset->fields[coordinate] : NULL;
        int64_t size = fields->count[d]; /* what --select leaves */
        if (about && size > 0 && cli_field_has_numbers(dataset, coordinate)) {
            double ends[2];
            AZ_TRY(cli_dimension_ends(fields, d, ends));
            cli_field_value(first, about, ends[0]);
            cli_field_value(last, about, ends[1]);
        }
        cli_grid_add(&grid, "%s", az_dataset_dimension_name(dataset, d));
        cli_grid_add(&grid, "%s", cli_count(number, (double)size));
        cli_grid_add(&grid, "%s", first);
        cli_grid_add(&grid, "%s", last);
        cli_grid_add(&grid, "%s", about && about->unit ? about->unit : "");
        cli_grid_add(&grid, "%s", about && about->is_time ? az_calendar_name(about->time.calendar) : "");
    }
    return cli_grid_print(&grid);
}

/* ---- variables ---- */

/* "29.5 %"; nothing where none is missing. */
static const char *missing_text(char buffer[CLI_NUMBER_MAX], const cli_summary *summary)
{
    if (!summary->n_missing) return "";
    char text[CLI_NUMBER_MAX];
    double share = 100 * (double)summary->n_missing / (double)summary->n;
    if (share < 0.1)
        strcpy(buffer, "< 0.1 %");
    else
        strcat(strcpy(buffer, cli_fixed(text, share, 1)), " %");
    return buffer;
}

static az_status append_texts(const az_dataset *dataset, int64_t field, az_text *line)
{
    int64_t n_dims = az_dataset_field_n_dimensions(dataset, field), start[AZ_FIELD_DIMS] = {0}, count[AZ_FIELD_DIMS];
    int64_t n = 1;
    for (int64_t d = 0; d < n_dims; d++) {
        int64_t size = az_dataset_dimension_size(dataset, az_dataset_field_dimension(dataset, field, d));
        count[d] = d < n_dims - 1 ? (size > 0) : size < MAX_TEXTS ? size : MAX_TEXTS;
        n *= count[d];
    }
    const char *texts[MAX_TEXTS];
    az_arena arena = {0};
    az_status status = n ? az_dataset_read_text(dataset, field, start, count, &arena, texts) : AZ_OK;
    for (int64_t i = 0; i < n && !status; i++) {
        az_text_append(line, i ? ", " : "");
        append_shortened(line, texts[i] ? texts[i] : "", 24);
    }
    if (n > 1) az_text_append(line, ", ...");
    az_arena_free(&arena);
    return status;
}

static az_status add_numbers(const cli_fields *fields, int64_t field, cli_grid *grid, int64_t *every)
{
    const az_dataset *dataset = fields->dataset;
    char number[CLI_NUMBER_MAX], bars[CLI_BARS_MAX];
    const az_field *about = &dataset->fields[field];
    cli_field_summary of;
    AZ_TRY(cli_field_summarise(fields, field, &of));
    if (of.every > *every) *every = of.every;
    cli_grid_add(grid, "%s", missing_text(number, &of.summary));
    cli_field_value(number, about, of.summary.lower);
    cli_grid_add(grid, "%s", number);
    if (!about->is_time) cli_field_value(number, about, of.summary.mean);
    cli_grid_add(grid, "%s", about->is_time ? "" : number);
    cli_field_value(number, about, of.summary.upper);
    cli_grid_add(grid, "%s", number);
    cli_grid_add(grid, "%s", cli_summary_bars(&of.summary, bars));
    return AZ_OK;
}

static az_status add_variable(const cli_fields *fields, int64_t field, cli_grid *grid, int64_t *every)
{
    const az_dataset *dataset = fields->dataset;
    az_text shape = {0}, about = {0};
    az_status status;
    az_storage type = dataset->layout.variables[field].type;
    const az_field *attributes = &dataset->fields[field];
    append_shape(&shape, dataset, field);
    cli_grid_add(grid, "%s", az_dataset_field_name(dataset, field));
    cli_grid_add(grid, "%s", shape.data ? shape.data : "");
    cli_grid_add(grid, "%s%s", az_dataset_field_type(dataset, field), attributes->packed ? ", packed" : "");
    cli_grid_add(grid, "%s", attributes->unit ? attributes->unit : "");
    if (cli_field_has_numbers(dataset, field)) {
        AZ_GOTO(add_numbers(fields, field, grid, every));
    } else {
        for (int i = 0; i < 5; i++) cli_grid_add(grid, "%s", "");
        if (type != AZ_STORED_OTHER) AZ_GOTO(append_texts(dataset, field, &about));
    }
    const char *name = attributes->long_name ? attributes->long_name : attributes->standard_name;
    if (name && about.length) az_text_append(&about, "; ");
    if (name) append_shortened(&about, name, MAX_LONG_NAME);
    AZ_GOTO(az_text_status(&about));
    cli_grid_add(grid, "%s", about.data ? about.data : "");
    status = az_text_status(&shape);
done:
    az_text_free(&shape);
    az_text_free(&about);
    return status;
}

/* The coordinate of a dimension stands beside the dimension; bounds belong to a coordinate. */
static bool is_listed(const cli_fields *fields, int64_t field, bool is_data)
{
    const az_dataset *dataset = fields->dataset;
    const az_field *about = &dataset->fields[field];
    if (cli_field_is_data(fields, field)) return is_data;
    if (is_data || fields->call->options.reader.vars || about->is_bounds) return false;
    bool of_dimension = az_dataset_field_n_dimensions(dataset, field) == 1 &&
                        dataset->coordinate[az_dataset_field_dimension(dataset, field, 0)] == field;
    return !of_dimension;
}

static az_status print_variables(const cli_fields *fields, bool is_data, int64_t *every)
{
    const az_dataset *dataset = fields->dataset;
    static const char *const heads[] = {"",     "shape", "stored as", "unit",   "missing",
                                        "from", "mean",  "to",        "values", ""};
    int64_t n = 0;
    cli_grid grid = {.align = "llllrrrrll"};
    for (int64_t v = 0; v < az_dataset_n_fields(dataset); v++) n += is_listed(fields, v, is_data);
    if (!n) return AZ_OK;
    putchar('\n');
    cli_grid_add(&grid, "%s", is_data ? "variable" : "coordinate");
    for (size_t i = 1; i < sizeof heads / sizeof *heads; i++) cli_grid_add(&grid, "%s", heads[i]);
    az_status status = AZ_OK;
    for (int64_t v = 0; v < az_dataset_n_fields(dataset) && !status; v++)
        if (is_listed(fields, v, is_data)) status = add_variable(fields, v, &grid, every);
    if (!status) return cli_grid_print(&grid);
    cli_grid_free(&grid);
    return status;
}

/* ---- attributes ---- */

static void print_attribute(const az_attribute *attribute)
{
    az_text line = {0};
    az_text_printf(&line, "%s: ", attribute->name);
    if (attribute->text) append_shortened(&line, attribute->text, ATTRIBUTE_WIDTH);
    for (int64_t i = 0; !attribute->text && i < attribute->n_numbers && i < 8; i++) {
        if (i) az_text_append(&line, ", ");
        az_text_number(&line, attribute->numbers[i]);
    }
    for (char *c = line.data; c && *c; c++)
        if ((unsigned char)*c < 0x20 || *c == 0x7f) *c = ' ';
    printf("  %s\n", line.data ? line.data : "");
    az_text_free(&line);
}

/* What is asked first comes first; the rest only as far as there is room. */
static void print_attributes(const az_layout *layout)
{
    static const char *const first[] = {"title",   "summary",    "institution", "source",     "history",
                                        "comment", "references", "license",     "Conventions"};
    enum { N_FIRST = sizeof first / sizeof *first };
    if (!layout->n_attributes) return;
    printf("\nAttributes\n");
    int n_shown = 0;
    for (int i = 0; i < N_FIRST; i++) {
        const az_attribute *attribute = az_attribute_find(layout->attributes, layout->n_attributes, first[i]);
        if (attribute) print_attribute(attribute);
        n_shown += attribute != NULL;
    }
    for (int32_t i = 0; i < layout->n_attributes && n_shown < MAX_ATTRIBUTES; i++) {
        bool shown = false;
        for (int k = 0; k < N_FIRST; k++) shown |= strcmp(first[k], layout->attributes[i].name) == 0;
        if (shown) continue;
        print_attribute(&layout->attributes[i]);
        n_shown++;
    }
    if (layout->n_attributes > n_shown)
        printf("  and %d more, all of them with --json\n", (int)layout->n_attributes - n_shown);
}

static az_status print_next(const cli_fields *fields)
{
    const az_dataset *dataset = fields->dataset;
    int64_t target = -1;
    for (int64_t v = 0; v < az_dataset_n_fields(dataset); v++)
        if (cli_field_is_data(fields, v) && cli_field_has_numbers(dataset, v) &&
            az_dataset_field_n_dimensions(dataset, v) > 0 &&
            (target < 0 || az_dataset_field_n_dimensions(dataset, v) > az_dataset_field_n_dimensions(dataset, target)))
            target = v;
    if (target < 0) return AZ_OK;
    az_text path = {0}, name = {0};
    cli_shell_quote(&path, fields->call->words[0]);
    cli_shell_quote(&name, az_dataset_field_name(dataset, target));
    az_status status = az_text_status(&path);
    if (!status) status = az_text_status(&name);
    if (!status) {
        cli_next("ansatz show %s --vars %s -o %s.svg", path.data, name.data, name.data);
        if (!dataset->plain_array) printf("      ansatz compare %s --target %s\n", path.data, name.data);
    }
    az_text_free(&path);
    az_text_free(&name);
    return status;
}

az_status cli_show_fields(const cli_fields *fields)
{
    const az_dataset *dataset = fields->dataset;
    char dims[CLI_NUMBER_MAX], variables[CLI_NUMBER_MAX], number[CLI_NUMBER_MAX];
    double n_dims = (double)az_dataset_n_dimensions(dataset), n_variables = (double)az_dataset_n_fields(dataset);
    printf("%s, %s %s, %s %s\n\n", dataset->layout.format, cli_count(dims, n_dims),
           cli_plural(n_dims, "dimension", "dimensions"), cli_count(variables, n_variables),
           cli_plural(n_variables, "variable", "variables"));
    if (n_dims > 0) AZ_TRY(print_dimensions(fields));
    int64_t every = 1;
    AZ_TRY(print_variables(fields, true, &every));
    AZ_TRY(print_variables(fields, false, &every));
    if (every > 1)
        printf("\nNumbers of variables with more than %s values are those of a part: every %s%s block of a million.\n",
               cli_count(number, (double)CLI_FIELD_LIMIT), cli_count(dims, (double)every),
               every == 2   ? "nd"
               : every == 3 ? "rd"
                            : "th");
    print_attributes(&dataset->layout);
    AZ_TRY(print_next(fields));
    return cli_finish_output();
}
