/* SPDX-License-Identifier: BSD-3-Clause */
/* Public data sets: where their publishers keep them, and what their content is.  Adding one: an entry here.
 *
 * A digest stands here only where the bytes were those of the publisher's file; it was computed from
 *   california_housing   the file in the publisher's repository at the commit of the URL
 *   fashion_mnist        files whose git hashes are those of zalandoresearch/fashion-mnist
 *   mnist                files whose content has the MD5 sums that are known of the files once on yann.lecun.com
 *   ersst_2010_2020      the file in the repository of the URL at that commit
 * The rest has no digest: it grows every month.  No entry has been fetched from its publisher yet, so none is
 * `verified`. */
#include "data_sets.h"

#include <stddef.h>

#define FASHION "https://raw.githubusercontent.com/zalandoresearch/fashion-mnist/master/data/fashion/"
#define MNIST   "https://ossci-datasets.s3.amazonaws.com/mnist/"

const cli_data_set cli_data_sets[] = {
    {"california_housing",
     "20,640 districts of California, 1990 census: house values, with ocean_proximity",
     "Pace & Barry (1997), Stat. & Prob. Letters 33:291-297; as modified by A. Geron, ageron/handson-ml2",
     "Apache-2.0",
     false,
     {{"california_housing/housing.csv",
       "https://raw.githubusercontent.com/ageron/handson-ml2/aa555aa16b9d0af6c84e67c7757f3317d05acb12/datasets/"
       "housing/housing.csv",
       "2364609dc48bec7df3ba9dbb7041478e704ecddcee70ef1827ec3fc49d22c0cc", 1423529}}},
    {"mnist",
     "70,000 images of handwritten digits, 28 x 28",
     "LeCun, Bottou, Bengio, Haffner (1998), Proc. IEEE 86:2278-2324; the copy kept for PyTorch",
     "CC BY-SA 3.0, as commonly stated",
     false,
     {{"mnist/train-images-idx3-ubyte.gz", MNIST "train-images-idx3-ubyte.gz",
       "ba891046e6505d7aadcbbe25680a0738ad16aec93bde7f9b65e87a2fc25776db", 47040016},
      {"mnist/train-labels-idx1-ubyte.gz", MNIST "train-labels-idx1-ubyte.gz",
       "65a50cbbf4e906d70832878ad85ccda5333a97f0f4c3dd2ef09a8a9eef7101c5", 60008},
      {"mnist/t10k-images-idx3-ubyte.gz", MNIST "t10k-images-idx3-ubyte.gz",
       "0fa7898d509279e482958e8ce81c8e77db3f2f8254e26661ceb7762c4d494ce7", 7840016},
      {"mnist/t10k-labels-idx1-ubyte.gz", MNIST "t10k-labels-idx1-ubyte.gz",
       "ff7bcfd416de33731a308c3f266cc351222c34898ecbeaf847f06e48f7ec33f2", 10008}}},
    {"fashion_mnist",
     "70,000 images of clothes in ten classes, 28 x 28",
     "Xiao, Rasul, Vollgraf (2017), arXiv:1708.07747",
     "MIT",
     false,
     {{"fashion_mnist/train-images-idx3-ubyte.gz", FASHION "train-images-idx3-ubyte.gz",
       "c59f468a2f672dc815687fe0f83887768d799fd8a3f3276145d20f83aa44d888", 47040016},
      {"fashion_mnist/train-labels-idx1-ubyte.gz", FASHION "train-labels-idx1-ubyte.gz",
       "bad3541b69d912435c50bb6ba87bec294ff4f6a2e1246121d8633921760443d9", 60008},
      {"fashion_mnist/t10k-images-idx3-ubyte.gz", FASHION "t10k-images-idx3-ubyte.gz",
       "5b4141f0afbad91edebe8549f8fcffe087ea10ca49f1dbef5c9a5cd8815ce37b", 7840016},
      {"fashion_mnist/t10k-labels-idx1-ubyte.gz", FASHION "t10k-labels-idx1-ubyte.gz",
       "0402a96d92fd2663957122ceb108a494c5af83dab82d92729df917d7dec38c34", 10008}}},
    {"ersst",
     "monthly sea-surface temperature of the world since 1854, 2 x 2 degrees; grows every month",
     "NOAA ERSST v5, Huang et al. (2017), J. Climate 30:8179-8205",
     "no constraints on data access or use",
     false,
     {{"ersst/sst.mnmean.nc", "https://downloads.psl.noaa.gov/Datasets/noaa.ersst.v5/sst.mnmean.nc", NULL, 0}}},
    {"ersst_2010_2020",
     "the part of ersst from January 2010 to August 2020, which does not change",
     "NOAA ERSST v5, Huang et al. (2017), J. Climate 30:8179-8205; as kept by xarray-contrib/xarray-tutorial",
     "no constraints on data access or use",
     false,
     {{"netcdf/ersstv5_sst_2010_2020.nc",
       "https://raw.githubusercontent.com/xarray-contrib/xarray-tutorial/1795317eef9c83492ef6bb9fcd43515658975c65/"
       "data/sst.mnmean.nc",
       "eade01e2085d841f2ff94fa6886b08a65c5018f576b066c57880726006f28ba6", 4024972}}},
    {.name = NULL},
};
