# SPDX-License-Identifier: BSD-3-Clause
# Files of kernels, src/ROOM/*_kernels.c and src/ops/*.c, are compiled once for each instruction set.  Each time
# AZ_ISA_SUFFIX is the name of the set (base, v3, v4), which the file appends to the names of what it shows; AZ_RULES is
# defined the one time when the file's other contents are wanted.  On CPUs other than x86-64 there is base alone, made
# for any CPU of the kind; AZ_ISA_LEVELS tells all files that the others exist (src/base/isa.h).
file(GLOB AZ_KERNEL_SOURCES CONFIGURE_DEPENDS src/*/*_kernels.c src/ops/*.c)
list(REMOVE_ITEM AZ_KERNEL_SOURCES ${CMAKE_SOURCE_DIR}/src/ops/registry.c ${CMAKE_SOURCE_DIR}/src/ops/rules.c
     ${CMAKE_SOURCE_DIR}/src/ops/shape.c)
set_source_files_properties(${AZ_KERNEL_SOURCES} PROPERTIES COMPILE_DEFINITIONS "AZ_ISA_SUFFIX=base;AZ_RULES")
# Kernels of ops are many: loops are made for whole vectors and single numbers, not for half vectors too, which saves a
# third of their size and no time, since tiles are whole vectors.
if(CMAKE_C_COMPILER_ID STREQUAL "GNU")
  set(AZ_OP_OPTIONS "-O2;-ftree-vectorize;-fvect-cost-model=dynamic;--param=vect-epilogues-nomask=0")
endif()
file(GLOB AZ_OP_SOURCES CONFIGURE_DEPENDS src/ops/*.c)
# libansatz.so stays under 2 MB: the kernels for x86-64 without AVX2 (before 2013) are small rather than fast, and so is
# what is no loop over numbers.
if(CMAKE_SYSTEM_PROCESSOR MATCHES "^(x86_64|AMD64|amd64)$")
  set_source_files_properties(${AZ_OP_SOURCES} ${CMAKE_SOURCE_DIR}/src/base/product_kernels.c PROPERTIES
                              COMPILE_OPTIONS "-Os")
else()
  set_source_files_properties(${AZ_OP_SOURCES} PROPERTIES COMPILE_OPTIONS "${AZ_OP_OPTIONS}")
endif()
file(GLOB AZ_NO_LOOPS CONFIGURE_DEPENDS src/select/*.c src/explain/*.c src/graph/*.c src/data/field_*.c src/data/time*.c
     src/data/windows*.c src/data/dataset*.c src/data/derive*.c src/data/np*.c src/data/source*.c
     src/data/design_[se]*.c src/data/reader_options.c src/formula/*.c src/models/mlp/*.c src/models/problem*.c)
list(REMOVE_ITEM AZ_NO_LOOPS ${CMAKE_SOURCE_DIR}/src/graph/execute.c ${CMAKE_SOURCE_DIR}/src/data/dataset_read.c
     ${CMAKE_SOURCE_DIR}/src/formula/evaluate.c)
set_source_files_properties(${AZ_NO_LOOPS} PROPERTIES COMPILE_OPTIONS "-O2")
# What runs once in a command is small rather than fast.
file(GLOB AZ_RARE CONFIGURE_DEPENDS src/report/*.c src/code/*.c src/models/export.c
     src/models/model_file.c src/models/inspect.c src/models/tree/*_export.c src/models/tree/*_json.c
     src/models/tree/foreign.c src/models/tree/lightgbm_text.c src/models/tree/*_options.c
     src/graph/*.c src/base/loop_code.c src/models/mlp/*.c src/nn/composed.c src/nn/activation.c)
list(FILTER AZ_RARE EXCLUDE REGEX "/graph/(run|execute|layout|pairs|one_row|fuse)\\.c$|_kernels\\.c$")
set_source_files_properties(${AZ_RARE} PROPERTIES COMPILE_OPTIONS "-Os")
set(AZ_KERNEL_OBJECTS "")
if(CMAKE_SYSTEM_PROCESSOR MATCHES "^(x86_64|AMD64|amd64)$")
  target_compile_definitions(az_flags INTERFACE AZ_ISA_LEVELS)
  foreach(level v3 v4)
    # A source file has one set of properties in a folder, so each level compiles a file that includes it.
    set(sources "")
    foreach(file ${AZ_KERNEL_SOURCES})
      file(STRINGS ${file} once REGEX "^#define AZ_KERNELS_ONCE")
      if(once)
        continue()
      endif()
      file(RELATIVE_PATH name ${CMAKE_SOURCE_DIR}/src ${file})
      string(REGEX REPLACE "\\.c$" "_${level}.c" name ${name})
      file(CONFIGURE OUTPUT kernels/${name} CONTENT "#include \"${file}\"\n")
      list(APPEND sources ${CMAKE_CURRENT_BINARY_DIR}/kernels/${name})
      if(name MATCHES "^ops/")
        set_source_files_properties(${CMAKE_CURRENT_BINARY_DIR}/kernels/${name} PROPERTIES
                                    COMPILE_OPTIONS "${AZ_OP_OPTIONS}")
      endif()
    endforeach()
    if(sources)
      add_library(az_objects_${level} OBJECT ${sources})
      target_link_libraries(az_objects_${level} PRIVATE az_flags az_dependencies)
      target_compile_definitions(az_objects_${level} PRIVATE AZ_ISA_SUFFIX=${level})
      target_compile_options(az_objects_${level} PRIVATE ${AZ_NO_UNWINDING} -march=x86-64-${level}
                             $<$<STREQUAL:${level},v4>:-mprefer-vector-width=512>)
      list(APPEND AZ_KERNEL_OBJECTS $<TARGET_OBJECTS:az_objects_${level}>)
    endif()
  endforeach()
endif()
