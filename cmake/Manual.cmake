# SPDX-License-Identifier: BSD-3-Clause
# cmake -DANSATZ=COMMAND -DOUT=FOLDER -P Manual.cmake: man pages and completions, written by the command itself from its
# tables, in the folders in which they are installed under share/.
function(az_write file)
  execute_process(COMMAND ${ANSATZ} ${ARGN} OUTPUT_VARIABLE text COMMAND_ERROR_IS_FATAL ANY)
  file(WRITE ${OUT}/${file} "${text}")
endfunction()

az_write(man/man1/ansatz.1 help --man)
az_write(bash-completion/completions/ansatz completion bash)
az_write(zsh/site-functions/_ansatz completion zsh)

# The commands are the bold names of the overview's section COMMANDS.
file(STRINGS ${OUT}/man/man1/ansatz.1 lines)
set(inside FALSE)
foreach(line IN LISTS lines)
  if(line MATCHES "^\\.SH ")
    set(inside FALSE)
    if(line STREQUAL ".SH COMMANDS")
      set(inside TRUE)
    endif()
  elseif(inside AND line MATCHES "^\\.B ([a-z_]+)$")
    az_write(man/man1/ansatz-${CMAKE_MATCH_1}.1 help ${CMAKE_MATCH_1} --man)
  endif()
endforeach()
