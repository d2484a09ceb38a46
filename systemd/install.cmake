# Installs the units for systemd. They name the directory of the programs, which is known when they are installed.
# Called with HERE, this directory.
set(BINDIR ${CMAKE_INSTALL_PREFIX}/bin)
set(UNITS $ENV{DESTDIR}${CMAKE_INSTALL_PREFIX}/lib/systemd/system)
file(STRINGS ${HERE}/hardening.conf HARDENING)
list(JOIN HARDENING "\n" HARDENING)
file(GLOB TEMPLATES ${HERE}/*.in)
foreach(TEMPLATE ${TEMPLATES})
  get_filename_component(NAME ${TEMPLATE} NAME_WLE)
  configure_file(${TEMPLATE} ${UNITS}/${NAME} @ONLY FILE_PERMISSIONS OWNER_READ OWNER_WRITE GROUP_READ WORLD_READ)
  message(STATUS "Installing: ${UNITS}/${NAME}")
  list(APPEND CMAKE_INSTALL_MANIFEST_FILES ${CMAKE_INSTALL_PREFIX}/lib/systemd/system/${NAME})
endforeach()
