/* SPDX-License-Identifier: BSD-3-Clause */
/* Makes the small HDF5 files of fuzz/seeds/netcdf, which tests/data/test_netcdf.c reads too: types that NetCDF has not,
 * and links that lead in circles.
 *   h5cc -shlib -o make_hdf5 tests/data/reference/make_hdf5.c && ./make_hdf5 fuzz/seeds/netcdf */
#include <hdf5.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const char *folder;

/* Files of the latest form are the smallest, and have checksums; those of the earliest have none, so that a damaged
 * one is believed for longer. */
static hid_t create(const char *name, H5F_libver_t form)
{
    char path[4096];
    snprintf(path, sizeof path, "%s/%s", folder, name);
    hid_t access = H5Pcreate(H5P_FILE_ACCESS), create = H5Pcreate(H5P_FILE_CREATE);
    H5Pset_libver_bounds(access, form, H5F_LIBVER_LATEST);
    hid_t file = H5Fcreate(path, H5F_ACC_TRUNC, create, access);
    H5Pclose(create);
    H5Pclose(access);
    if (file < 0) exit(1);
    return file;
}

static void dataset(hid_t file, const char *name, hid_t type, int rank, const hsize_t *sizes, const void *values)
{
    hid_t space = rank < 0 ? H5Screate(H5S_NULL) : rank ? H5Screate_simple(rank, sizes, NULL) : H5Screate(H5S_SCALAR);
    hid_t links = H5Pcreate(H5P_LINK_CREATE), properties = H5Pcreate(H5P_DATASET_CREATE);
    H5Pset_create_intermediate_group(links, 1);
    H5Pset_obj_track_times(properties, 0);
    hid_t id = H5Dcreate2(file, name, type, space, links, properties, H5P_DEFAULT);
    if (values) H5Dwrite(id, type, H5S_ALL, H5S_ALL, H5P_DEFAULT, values);
    H5Pclose(properties);
    H5Pclose(links);
    H5Sclose(space);
    H5Dclose(id);
}

static void types(void)
{
    hid_t file = create("types.h5", H5F_LIBVER_LATEST);
    const hsize_t three = 3, block[2] = {2, 3};
    dataset(file, "numbers/u8", H5T_STD_U8BE, 2, block, (unsigned char[]){1, 2, 3, 4, 5, 255});
    dataset(file, "numbers/i64", H5T_NATIVE_INT64, 1, &three, (int64_t[]){-1, 0, 9007199254740993});
    dataset(file, "numbers/f64", H5T_NATIVE_DOUBLE, 0, NULL, &(double){2.5});

    hid_t half = H5Tcopy(H5T_IEEE_F32LE); /* IEEE binary16 */
    H5Tset_fields(half, 15, 10, 5, 0, 10);
    H5Tset_size(half, 2);
    H5Tset_ebias(half, 15);
    dataset(file, "numbers/f16", half, 1, &three, (unsigned short[]){0x3c00, 0xc100, 0x7bff}); /* 1, -2.5, 65504 */

    hid_t compound = H5Tcreate(H5T_COMPOUND, 16);
    H5Tinsert(compound, "r", 0, H5T_NATIVE_DOUBLE);
    H5Tinsert(compound, "i", 8, H5T_NATIVE_DOUBLE);
    dataset(file, "other/complex", compound, 0, NULL, (double[]){1, 2});
    hid_t ragged = H5Tvlen_create(H5T_NATIVE_FLOAT);
    dataset(file, "other/ragged", ragged, 0, NULL, &(hvl_t){2, (float[]){1, 2}});
    hid_t truth = H5Tenum_create(H5T_NATIVE_INT8);
    H5Tenum_insert(truth, "FALSE", &(signed char){0});
    H5Tenum_insert(truth, "TRUE", &(signed char){1});
    dataset(file, "other/truth", truth, 1, &three, (signed char[]){0, 1, 1});
    hid_t opaque = H5Tcreate(H5T_OPAQUE, 5);
    dataset(file, "other/opaque", opaque, 0, NULL, "abcde");
    dataset(file, "other/nothing", H5T_NATIVE_INT, -1, NULL, NULL);
    dataset(file, "other/reference", H5T_STD_REF_OBJ, 0, NULL, &(hobj_ref_t){0});

    hid_t fixed = H5Tcopy(H5T_C_S1);
    H5Tset_size(fixed, 4);
    H5Tset_strpad(fixed, H5T_STR_SPACEPAD);
    dataset(file, "texts/fixed", fixed, 1, &three, "ab  cdefg   ");
    hid_t any = H5Tcopy(H5T_C_S1);
    H5Tset_size(any, H5T_VARIABLE);
    dataset(file, "texts/any", any, 1, &three, (const char *[]){"one", "", "three"});

    hid_t space = H5Screate(H5S_SCALAR), id = H5Dopen2(file, "numbers/i64", H5P_DEFAULT);
    hid_t unit = H5Acreate2(id, "units", any, space, H5P_DEFAULT, H5P_DEFAULT);
    H5Awrite(unit, any, &(const char *){"m s-1"});
    hid_t scale = H5Acreate2(id, "scale_factor", H5T_IEEE_F32BE, space, H5P_DEFAULT, H5P_DEFAULT);
    H5Awrite(scale, H5T_NATIVE_FLOAT, &(float){0.5F});
    H5Aclose(scale);
    H5Aclose(unit);
    H5Dclose(id);
    H5Sclose(space);
    H5Fclose(file);
}

static void circles(void)
{
    const hsize_t two = 2;
    hid_t file = create("soft_circle.h5", H5F_LIBVER_LATEST);
    dataset(file, "a/x", H5T_NATIVE_INT, 1, &two, (int[]){1, 2});
    H5Lcreate_soft("/", file, "/a/top", H5P_DEFAULT, H5P_DEFAULT);
    H5Lcreate_soft("/nowhere", file, "/a/dangling", H5P_DEFAULT, H5P_DEFAULT);
    H5Fclose(file);
    file = create("hard_circle.h5", H5F_LIBVER_LATEST);
    dataset(file, "a/x", H5T_NATIVE_INT, 1, &two, (int[]){1, 2});
    H5Lcreate_hard(file, "/a", file, "/a/again", H5P_DEFAULT, H5P_DEFAULT);
    H5Fclose(file);
}

static void early(void)
{
    const hsize_t block[2] = {2, 3};
    hid_t file = create("plain.h5", H5F_LIBVER_EARLIEST);
    dataset(file, "a/x", H5T_NATIVE_INT, 2, block, (int[]){1, 2, 3, 4, 5, 6});
    H5Fclose(file);
    file = create("early.h5", H5F_LIBVER_EARLIEST);
    dataset(file, "a/x", H5T_NATIVE_INT, 2, block, (int[]){1, 2, 3, 4, 5, 6});
    hid_t any = H5Tcopy(H5T_C_S1);
    H5Tset_size(any, H5T_VARIABLE);
    dataset(file, "a/text", any, 0, NULL, &(const char *){"one"});
    hid_t space = H5Screate(H5S_SCALAR), id = H5Gopen2(file, "/", H5P_DEFAULT);
    hid_t title = H5Acreate2(id, "title", any, space, H5P_DEFAULT, H5P_DEFAULT);
    H5Awrite(title, any, &(const char *){"seed"});
    H5Aclose(title);
    H5Gclose(id);
    H5Sclose(space);
    H5Fclose(file);
}

int main(int argc, char **argv)
{
    folder = argc > 1 ? argv[1] : ".";
    types();
    circles();
    early();
    return 0;
}
