# SPDX-License-Identifier: BSD-3-Clause
# What the library stands on.  Required: OpenMP, BLAS with LAPACKE, jansson, Random123.  An optional library has a
# switch AZ_WITH_<NAME>: AUTO takes it where it is found, ON makes its absence an error, OFF leaves it out; the code
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
                      PkgConfig::OPENBLAS m)
# What a program needs that links libansatz.a, for pkg-config --static.  Not by Requires.private: the OpenBLAS of that
# would ask for all that a static OpenBLAS needs, the Fortran library's development files among them.
list(JOIN JANSSON_LDFLAGS " " jansson_libs)
list(JOIN LAPACKE_LDFLAGS " " lapacke_libs)
list(JOIN OPENBLAS_LDFLAGS " " openblas_libs)
set(AZ_PC_LIBS "${OpenMP_C_FLAGS} ${jansson_libs} ${lapacke_libs} ${openblas_libs} -lm")

# az_optional(NAME PACKAGE TARGET LIBS): one line per optional library.
macro(az_optional name package target libs)
  set(AZ_WITH_${name} AUTO CACHE STRING "use ${package}: AUTO, ON or OFF")
  set_property(CACHE AZ_WITH_${name} PROPERTY STRINGS AUTO ON OFF)
  set(AZ_HAVE_${name} OFF)
  if(AZ_WITH_${name} STREQUAL "AUTO")
    find_package(${package} QUIET)
  elseif(AZ_WITH_${name})
    find_package(${package} REQUIRED)
  endif()
  if(AZ_WITH_${name} AND ${package}_FOUND)
    set(AZ_HAVE_${name} ON)
    target_link_libraries(az_dependencies INTERFACE ${target})
    target_compile_definitions(az_dependencies INTERFACE AZ_HAVE_${name})
    string(APPEND AZ_PC_LIBS " ${libs}")
  endif()
  message(STATUS "Optional ${package}: ${AZ_HAVE_${name}} (AZ_WITH_${name}=${AZ_WITH_${name}})")
endmacro()

az_optional(ZLIB ZLIB ZLIB::ZLIB -lz)
