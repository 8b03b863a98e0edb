# SPDX-License-Identifier: BSD-3-Clause
# tests/ROOM/test_NAME.c becomes the program and the test ROOM_test_NAME.
enable_testing()
pkg_check_modules(CMOCKA REQUIRED IMPORTED_TARGET cmocka)
find_package(Threads REQUIRED)

# One thread of the BLAS, as the command sees to: threads of its own would change the bits.
set(AZ_TEST_ENVIRONMENT "OPENBLAS_NUM_THREADS=1")
# Under the thread sanitizer Archer tells it what OpenMP synchronises; libomp loads it by this variable.  Libraries
# that are not instrumented (libomp itself, the BLAS) are left out of the reports.
if(AZ_SANITIZE MATCHES thread)
  get_filename_component(omp_library "${OpenMP_omp_LIBRARY}" REALPATH)
  get_filename_component(omp_folder "${omp_library}" DIRECTORY)
  find_library(AZ_ARCHER archer HINTS ${omp_folder} REQUIRED)
  list(APPEND AZ_TEST_ENVIRONMENT "OMP_TOOL_LIBRARIES=${AZ_ARCHER}"
       "TSAN_OPTIONS=ignore_noninstrumented_modules=1 halt_on_error=0 exitcode=66")
endif()
if(AZ_SANITIZE MATCHES address)
  list(APPEND AZ_TEST_ENVIRONMENT
       "LSAN_OPTIONS=suppressions=${CMAKE_SOURCE_DIR}/tests/sanitize/leaks.txt:print_suppressions=0")
endif()
if(TARGET ansatz)
  list(APPEND AZ_TEST_ENVIRONMENT "ANSATZ=$<TARGET_FILE:ansatz>")
endif()

# A locale with a decimal comma, made here, so that the tests of numbers need none installed.
find_program(AZ_LOCALEDEF localedef)
if(AZ_LOCALEDEF AND EXISTS /usr/share/i18n/locales/de_DE)
  if(NOT EXISTS ${CMAKE_BINARY_DIR}/locale/de_DE.UTF-8)
    file(MAKE_DIRECTORY ${CMAKE_BINARY_DIR}/locale)
    execute_process(COMMAND ${AZ_LOCALEDEF} -i de_DE -f UTF-8 ${CMAKE_BINARY_DIR}/locale/de_DE.UTF-8 OUTPUT_QUIET)
  endif()
  list(APPEND AZ_TEST_ENVIRONMENT "LOCPATH=${CMAKE_BINARY_DIR}/locale")
endif()

file(GLOB AZ_TEST_FILES CONFIGURE_DEPENDS tests/*/test_*.c)
foreach(file ${AZ_TEST_FILES})
  get_filename_component(name ${file} NAME_WE)
  get_filename_component(room ${file} DIRECTORY)
  get_filename_component(room ${room} NAME)
  set(target ${room}_${name})
  add_executable(${target} ${file})
  if(room STREQUAL "guest") # programs of others: the public headers and the shared library
    target_link_libraries(${target} PRIVATE ansatz_shared OpenMP::OpenMP_C PkgConfig::OPENBLAS m)
    target_include_directories(${target} PRIVATE ${CMAKE_SOURCE_DIR}/include)
    target_compile_options(${target} PRIVATE $<TARGET_PROPERTY:az_flags,INTERFACE_COMPILE_OPTIONS>)
    target_link_options(${target} PRIVATE $<TARGET_PROPERTY:az_flags,INTERFACE_LINK_OPTIONS>)
  else()
    target_link_libraries(${target} PRIVATE ansatz_static)
  endif()
  target_link_libraries(${target} PRIVATE PkgConfig::CMOCKA Threads::Threads)
  target_include_directories(${target} PRIVATE ${CMAKE_SOURCE_DIR}/tests)
  target_compile_definitions(${target} PRIVATE AZ_SOURCE_DIR="${CMAKE_SOURCE_DIR}")
  if(AZ_HAVE_ZLIB) # to make compressed files with
    target_link_libraries(${target} PRIVATE ${AZ_LINK_ZLIB})
    target_compile_definitions(${target} PRIVATE AZ_HAVE_ZLIB)
  endif()
  if(AZ_HAVE_HDF5) # what is read only with it is looked for
    target_compile_definitions(${target} PRIVATE AZ_HAVE_HDF5)
  endif()
  add_test(NAME ${target} COMMAND ${target} WORKING_DIRECTORY ${CMAKE_BINARY_DIR})
  set_tests_properties(${target} PROPERTIES ENVIRONMENT "${AZ_TEST_ENVIRONMENT}" TIMEOUT 900)
endforeach()

# The loops of tests/base/math_kernels.c for every instruction set that the compiler knows: az_math_kernels(LEVEL FLAG...).
function(az_math_kernels level)
  add_library(math_kernels_${level} OBJECT tests/base/math_kernels.c)
  target_link_libraries(math_kernels_${level} PRIVATE az_flags)
  target_compile_definitions(math_kernels_${level} PRIVATE MATH_LEVEL=${level})
  target_compile_options(math_kernels_${level} PRIVATE ${ARGN})
  target_link_libraries(base_test_math_bits PRIVATE math_kernels_${level})
endfunction()
az_math_kernels(plain)
target_link_libraries(base_test_math PRIVATE math_kernels_plain)
include(CheckCCompilerFlag)
check_c_compiler_flag(-march=x86-64-v4 AZ_HAVE_X86_64_V4)
if(AZ_HAVE_X86_64_V4)
  az_math_kernels(fma -march=x86-64-v3 -fno-tree-vectorize)
  az_math_kernels(avx2 -march=x86-64-v3)
  az_math_kernels(avx512 -march=x86-64-v4 -mprefer-vector-width=512)
  target_compile_definitions(base_test_math_bits PRIVATE MATH_LEVELS)
endif()

# The whole range of float and many doubles, for scripts/check_long.
pkg_check_modules(MPFR IMPORTED_TARGET mpfr)
if(MPFR_FOUND)
  add_executable(base_math_sweep EXCLUDE_FROM_ALL tests/base/math_sweep.c)
  target_link_libraries(base_math_sweep PRIVATE az_flags math_kernels_plain PkgConfig::MPFR OpenMP::OpenMP_C m)
  target_include_directories(base_math_sweep PRIVATE ${CMAKE_SOURCE_DIR}/tests)
  target_compile_options(base_math_sweep PRIVATE -march=native) # for speed; it runs where it is made
  if(AZ_HAVE_X86_64_V4)
    target_link_libraries(base_math_sweep PRIVATE math_kernels_fma math_kernels_avx2 math_kernels_avx512)
    target_compile_definitions(base_math_sweep PRIVATE MATH_LEVELS)
  endif()
endif()

# tests/ROOM/test_NAME.sh runs as it is, with the command in $ANSATZ and the folders in $AZ_SOURCE and $AZ_BUILD;
# exit status 77 means: skipped.
file(GLOB AZ_TEST_SCRIPTS CONFIGURE_DEPENDS tests/*/test_*.sh)
if(AZ_SANITIZE) # programs of other compilers cannot load a library that is instrumented
  list(FILTER AZ_TEST_SCRIPTS EXCLUDE REGEX "tests/bindings/")
endif()
foreach(file ${AZ_TEST_SCRIPTS})
  get_filename_component(name ${file} NAME_WE)
  get_filename_component(room ${file} DIRECTORY)
  get_filename_component(room ${room} NAME)
  add_test(NAME ${room}_${name} COMMAND bash ${file} WORKING_DIRECTORY ${CMAKE_BINARY_DIR})
  set_tests_properties(${room}_${name} PROPERTIES SKIP_RETURN_CODE 77 TIMEOUT 900
    ENVIRONMENT "${AZ_TEST_ENVIRONMENT};AZ_SOURCE=${CMAKE_SOURCE_DIR};AZ_BUILD=${CMAKE_BINARY_DIR}")
endforeach()

# That the thread sanitizer sees races through OpenMP, and nothing where there is none.
if(AZ_SANITIZE MATCHES thread)
  foreach(name seeded_race no_race)
    add_executable(${name} tests/sanitize/${name}.c)
    target_link_libraries(${name} PRIVATE ansatz_static)
  endforeach()
  add_test(NAME sanitize_race_found COMMAND bash ${CMAKE_SOURCE_DIR}/tests/sanitize/race_found.sh)
  set_tests_properties(sanitize_race_found PROPERTIES
                       ENVIRONMENT "${AZ_TEST_ENVIRONMENT};AZ_BUILD=${CMAKE_BINARY_DIR}")
endif()
