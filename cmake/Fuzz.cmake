# SPDX-License-Identifier: BSD-3-Clause
# fuzz/NAME.c is one target with LLVMFuzzerTestOneInput; its seeds are the files of fuzz/seeds/NAME.  With AZ_FUZZ it is
# linked to libFuzzer as fuzz_NAME; otherwise a small main() of our own runs the seeds as a test, so that what was once
# found stays found.
file(GLOB AZ_FUZZ_FILES CONFIGURE_DEPENDS fuzz/*.c)
list(FILTER AZ_FUZZ_FILES EXCLUDE REGEX "/replay\\.c$")
foreach(file ${AZ_FUZZ_FILES})
  get_filename_component(name ${file} NAME_WE)
  if(AZ_FUZZ)
    add_executable(fuzz_${name} ${file})
    target_link_options(fuzz_${name} PRIVATE -fsanitize=fuzzer)
    target_compile_definitions(fuzz_${name} PRIVATE AZ_FUZZ) # made-up inputs, not seeds alone
    target_link_libraries(fuzz_${name} PRIVATE ansatz_static)
  else()
    add_executable(fuzz_${name}_seeds ${file} fuzz/replay.c)
    target_link_libraries(fuzz_${name}_seeds PRIVATE ansatz_static)
    add_test(NAME fuzz_${name}_seeds COMMAND fuzz_${name}_seeds ${CMAKE_SOURCE_DIR}/fuzz/seeds/${name})
    set_tests_properties(fuzz_${name}_seeds PROPERTIES ENVIRONMENT "${AZ_TEST_ENVIRONMENT}")
  endif()
endforeach()
if(AZ_FUZZ)
  target_compile_options(az_flags INTERFACE -fsanitize=fuzzer-no-link)
endif()
