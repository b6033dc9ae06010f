# SPDX-License-Identifier: GPL-2.0-or-later
# sp_layer(NAME SOURCES f... [USES layer...] [LIBS target...])
#   This folder as one STATIC library.  USES is the whole list of layers it may call;
#   LIBS (third-party) stay PRIVATE, so no other layer can link them by accident.
function(sp_layer name)
  cmake_parse_arguments(PARSE_ARGV 1 L "" "" "SOURCES;USES;LIBS")
  list(TRANSFORM L_USES PREPEND "sp::")
  add_library(sp_${name} STATIC ${L_SOURCES})
  add_library(sp::${name} ALIAS sp_${name})
  target_include_directories(sp_${name} PUBLIC "${PROJECT_SOURCE_DIR}")
  target_link_libraries(sp_${name} PUBLIC ${L_USES} PRIVATE sp::flags ${L_LIBS})
endfunction()
