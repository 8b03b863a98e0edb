/* SPDX-License-Identifier: BSD-3-Clause */
/* The files that the table of bad input speaks of, in the current folder. */
#ifndef TESTS_CLI_BAD_FILES_H
#define TESTS_CLI_BAD_FILES_H

#include "cli/runner.h"

#ifdef AZ_HAVE_ZLIB
#include <zlib.h>
#endif

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define N_GOOD 60

static inline void write_good(void)
{
    char text[8192];
    int at = snprintf(text, sizeof text, "a,b,kind,w,y,label\n");
    for (int i = 0; i < N_GOOD; i++) {
        double a = (i * 37 % 61) / 7.0, b = (i * 23 % 59) / 5.0;
        at += snprintf(text + at, sizeof text - (size_t)at, "%.4f,%.4f,%s,%d,%.4f,%s\n", a, b, i % 3 ? "red" : "blue",
                       1 + i % 4, 2 * a - b + 0.1 * (i % 7), a > 4.3 ? "high" : "low");
    }
    write_text("good.csv", text);
#ifdef AZ_HAVE_ZLIB
    gzFile gz = gzopen("good.csv.gz", "wb");
    gzwrite(gz, text, (unsigned)at);
    gzclose(gz);
#endif
}

/* The first n bytes of a file, and the file with the byte at `place` changed. */
static inline void copy_part(const char *from, const char *to, double part, double flip_at)
{
    static char bytes[1 << 20];
    FILE *file = fopen(from, "rb");
    if (!file) abort();
    size_t n = fread(bytes, 1, sizeof bytes, file);
    fclose(file);
    if (flip_at >= 0) bytes[(size_t)((double)n * flip_at)] ^= 0x55;
    write_bytes(to, bytes, (size_t)((double)n * part));
}

static inline void write_tables(void)
{
    static const unsigned char binary[] = {0x7f, 'E', 'L', 'F',  0, 1, 2,   3,   0xff,
                                           0xfe, 0,   0,   '\n', 9, 0, 200, 201, '\n'};
    static const struct {
        const char *path, *text;
    } tables[] = {
        {"empty.csv", ""},
        {"blank.csv", "\n\n\n"},
        {"header.csv", "a,b,y\n"},
        {"comments.csv", "# only\n# comments\n"},
        {"ragged.csv", "a,b,y\n1,2,3\n4,5\n6,7,8\n"},
        {"wide.csv", "a,b,y\n1,2,3\n4,5,6,7\n6,7,8\n"},
        {"quote.csv", "a,b,y\n1,\"2,3\n4,5,6\n"},
        {"twice.csv", "a,a,y\n1,2,3\n4,5,6\n6,7,8\n"},
        {"one_row.csv", "a,b,y\n1,2,3\n"},
        {"one_class.csv", "a,b,label\n1,2,x\n4,5,x\n6,7,x\n8,9,x\n"},
        {"no_target.csv", "a,b,y\n1,2,\n4,5,\n6,7,\n"},
        {"no_values.csv", "a,b,y\n1,,1\n4,,2\n6,,3\n7,,5\n"},
        {"text.csv", "a,b,y\n1,2,big\n4,5,small\n6,7,big\n7,3,small\n"},
        {"infinite.csv", "a,b,y\n1,2,1\n4,inf,2\n6,7,3\n7,3,4\n"},
        {"zero_weights.csv", "a,w,y\n1,0,1\n4,0,2\n6,0,3\n"},
        {"bad_weights.csv", "a,w,y\n1,x,1\n4,1,2\n6,1,3\n"},
        {"negative.csv", "a,w,label\n1,1,x\n4,-1,z\n6,1,x\n7,2,z\n"},
        {"zero_sigma.csv", "a,s,y\n1,0,1\n4,1,2\n6,1,3\n7,1,4\n"},
        {"time_gap.csv", "a,t,y\n1,1,1\n4,,2\n6,3,3\n7,4,4\n8,5,6\n9,6,7\n"},
        {"one_group.csv", "a,g,y\n1,p,1\n4,p,2\n6,p,3\n7,p,4\n8,p,6\n9,p,7\n"},
        {"short.csv", "z\n1\n2\n3\n"},
        {"other_columns.csv", "a,b,c\n1,2,3\n4,5,6\n"},
        {"only_y.csv", "y\n1\n2\n3\n4\n"},
        {"missing_a.csv", "b,kind,w\n1,red,1\n2,blue,1\n"},
        {"new_class.csv", "a,b,kind,w,y,label\n1,2,red,1,3,medium\n4,5,blue,1,3,low\n"},
        {"text_in_number.csv", "a,b,kind,w\n1,two,red,1\n2,three,blue,1\n"},
        {"huge.csv", "a,b,y\n1e308,-1e308,1\n-1e308,1e308,2\n1e308,1e308,3\n-1e308,-1e308,5\n"},
        {"constant.csv", "a,b,y\n1,7,1\n2,7,2\n3,7,3\n4,7,5\n"},
        {"unknown_key.conf", "model = dummy\ndata = good.csv\ntarget = y\nstratgy = mean\n"},
        {"no_equals.conf", "model dummy\n"},
        {"twice.conf", "target = y\ntarget = b\n"},
        {"bad_value.conf", "target = y\ndegree = zero\n"},
        {"nonsense.az", "this is not a model file, but it is longer than a header\n"},
        {"tiny.az", "abc"},
        {"empty.az", ""},
    };
    for (size_t i = 0; i < sizeof tables / sizeof *tables; i++) write_text(tables[i].path, tables[i].text);
    write_bytes("no_json.az", "\x08\0\0\0\0\0\0\0{{{{{{{{", 16);
    write_bytes("huge_header.az", "\xff\xff\xff\xff\xff\xff\xff\x7f{}", 10);
    write_bytes("empty_json.az", "\x02\0\0\0\0\0\0\0{}", 10);
    write_bytes("binary.csv", binary, sizeof binary);
#ifdef AZ_HAVE_ZLIB
    copy_part("good.csv.gz", "cut.csv.gz", 0.6, -1);
    copy_part("good.csv.gz", "broken.csv.gz", 1, 0.7);
#endif
}

#endif
