# SPDX-License-Identifier: BSD-3-Clause
# What the library stands on.  Required: OpenMP, BLAS with LAPACKE, jansson, Random123.  An optional library, which is
# for libansatz-io alone, has a switch AZ_WITH_<NAME>: AUTO takes it where it is found, ON makes its absence an error, OFF leaves it out; the code
# sees AZ_HAVE_<NAME>, and says with AZ_ERROR_UNAVAILABLE what is missing when it is asked for.
include(GNUInstallDirs)
include(CheckIncludeFile)
find_package(PkgConfig REQUIRED)
find_package(OpenMP REQUIRED COMPONENTS C)
pkg_check_modules(JANSSON REQUIRED IMPORTED_TARGET jansson>=2.10)
pkg_check_modules(LAPACKE REQUIRED IMPORTED_TARGET lapacke)
pkg_check_modules(OPENBLAS REQUIRED IMPORTED_TARGET openblas)
# Debian keeps every OpenBLAS in a folder of its own, and update-alternatives leads programs to one.  Linked to such a
# folder a program would take OpenBLAS from there and LAPACKE's BLAS from the alternative, and not start when they differ.
string(REGEX REPLACE "/openblas-[a-z]+/?$" "/libopenblas.so" openblas_alternative "${OPENBLAS_LIBDIR}")
if(openblas_alternative MATCHES "\\.so$" AND EXISTS "${openblas_alternative}")
  set_property(TARGET PkgConfig::OPENBLAS PROPERTY INTERFACE_LINK_LIBRARIES "${openblas_alternative}")
  set(OPENBLAS_LDFLAGS -lopenblas)
endif()
check_include_file(Random123/philox.h AZ_FOUND_RANDOM123)
if(NOT AZ_FOUND_RANDOM123)
  message(FATAL_ERROR "Random123 is missing (Debian: librandom123-dev)")
endif()

add_library(az_dependencies INTERFACE)
target_link_libraries(az_dependencies INTERFACE OpenMP::OpenMP_C PkgConfig::JANSSON PkgConfig::LAPACKE
                      PkgConfig::OPENBLAS m ${CMAKE_DL_LIBS})
# What a program needs that links libansatz.a, for pkg-config --static.  Not by Requires.private: the OpenBLAS of that
# would ask for all that a static OpenBLAS needs, the Fortran library's development files among them.
list(JOIN JANSSON_LDFLAGS " " jansson_libs)
list(JOIN LAPACKE_LDFLAGS " " lapacke_libs)
list(JOIN OPENBLAS_LDFLAGS " " openblas_libs)
set(dl_libs "")
if(CMAKE_DL_LIBS)
  set(dl_libs " -l${CMAKE_DL_LIBS}")
endif()
set(AZ_PC_LIBS "${OpenMP_C_FLAGS} ${jansson_libs} ${lapacke_libs} ${openblas_libs} -lm${dl_libs}")

# az_optional(NAME PACKAGE HEADER LIBRARY): one line per optional library.  They are linked to libansatz-io alone.
# PACKAGE is its name for pkg-config; where it has none there, HEADER and LIBRARY are looked for.
add_library(az_io_dependencies INTERFACE)
macro(az_optional name package header library)
  set(AZ_WITH_${name} AUTO CACHE STRING "use ${package}: AUTO, ON or OFF")
  set_property(CACHE AZ_WITH_${name} PROPERTY STRINGS AUTO ON OFF)
  set(AZ_HAVE_${name} OFF)
  if(AZ_WITH_${name})
    pkg_check_modules(AZ_${name} QUIET IMPORTED_TARGET ${package})
    if(AZ_${name}_FOUND)
      set(AZ_HAVE_${name} ON)
      set(AZ_LINK_${name} PkgConfig::AZ_${name})
    else()
      find_path(AZ_${name}_HEADER ${header} PATH_SUFFIXES ${package})
      find_library(AZ_${name}_LIBRARY ${library})
      if(AZ_${name}_HEADER AND AZ_${name}_LIBRARY)
        set(AZ_HAVE_${name} ON)
        set(AZ_LINK_${name} ${AZ_${name}_LIBRARY})
        target_include_directories(az_io_dependencies INTERFACE ${AZ_${name}_HEADER})
      endif()
    endif()
    if(AZ_HAVE_${name})
      target_link_libraries(az_io_dependencies INTERFACE ${AZ_LINK_${name}})
      target_compile_definitions(az_io_dependencies INTERFACE AZ_HAVE_${name})
    elseif(NOT AZ_WITH_${name} STREQUAL "AUTO")
      message(FATAL_ERROR "${package} was not found (AZ_WITH_${name}=${AZ_WITH_${name}})")
    endif()
  endif()
  message(STATUS "Optional ${package}: ${AZ_HAVE_${name}} (AZ_WITH_${name}=${AZ_WITH_${name}})")
endmacro()

az_optional(NETCDF netcdf netcdf.h netcdf)
az_optional(HDF5 hdf5 hdf5.h hdf5)
az_optional(UDUNITS udunits2 udunits2.h udunits2)
az_optional(CURL libcurl curl/curl.h curl)
az_optional(ZLIB zlib zlib.h z)
