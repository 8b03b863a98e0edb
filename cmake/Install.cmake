# SPDX-License-Identifier: BSD-3-Clause
# What `make install` puts where, under PREFIX and DESTDIR.
include(CMakePackageConfigHelpers)

install(DIRECTORY include/ansatz DESTINATION ${CMAKE_INSTALL_INCLUDEDIR})
install(TARGETS ansatz_shared EXPORT AnsatzTargets)
install(TARGETS ansatz_static)
# Loaded at run time: nobody links to it, so that there is no libansatz-io.so without a number.
install(TARGETS ansatz_io LIBRARY NAMELINK_SKIP)
install(EXPORT AnsatzTargets NAMESPACE Ansatz:: DESTINATION ${CMAKE_INSTALL_LIBDIR}/cmake/Ansatz)

set(AZ_FORTRAN_SOURCE ${CMAKE_INSTALL_DATADIR}/ansatz/fortran/ansatz.f90)
configure_package_config_file(cmake/AnsatzConfig.cmake.in ${CMAKE_BINARY_DIR}/AnsatzConfig.cmake
                              INSTALL_DESTINATION ${CMAKE_INSTALL_LIBDIR}/cmake/Ansatz
                              PATH_VARS AZ_FORTRAN_SOURCE)
# Before 1.0 a minor version may change the interface.
write_basic_package_version_file(${CMAKE_BINARY_DIR}/AnsatzConfigVersion.cmake COMPATIBILITY SameMinorVersion)
install(FILES ${CMAKE_BINARY_DIR}/AnsatzConfig.cmake ${CMAKE_BINARY_DIR}/AnsatzConfigVersion.cmake
        DESTINATION ${CMAKE_INSTALL_LIBDIR}/cmake/Ansatz)

# The prefix is written relative to the file itself, so that an installed tree can be moved.
file(RELATIVE_PATH AZ_PC_PREFIX /${CMAKE_INSTALL_LIBDIR}/pkgconfig /)
configure_file(cmake/ansatz.pc.in ${CMAKE_BINARY_DIR}/ansatz.pc @ONLY)
install(FILES ${CMAKE_BINARY_DIR}/ansatz.pc DESTINATION ${CMAKE_INSTALL_LIBDIR}/pkgconfig)

# As source: a module file fits one version of one compiler.
install(FILES bindings/fortran/ansatz.f90 DESTINATION ${CMAKE_INSTALL_DATADIR}/ansatz/fortran)

install(FILES LICENSE DESTINATION ${CMAKE_INSTALL_DOCDIR})
if(TARGET ansatz)
  install(TARGETS ansatz)
  add_custom_command(OUTPUT share/man/man1/ansatz.1
                     COMMAND ${CMAKE_COMMAND} -DANSATZ=$<TARGET_FILE:ansatz> -DOUT=${CMAKE_BINARY_DIR}/share
                             -P ${CMAKE_SOURCE_DIR}/cmake/Manual.cmake
                     DEPENDS ansatz ${CMAKE_SOURCE_DIR}/cmake/Manual.cmake COMMENT "Man pages and completions" VERBATIM)
  add_custom_target(manual ALL DEPENDS share/man/man1/ansatz.1)
  install(DIRECTORY ${CMAKE_BINARY_DIR}/share/ DESTINATION ${CMAKE_INSTALL_DATADIR})
endif()
