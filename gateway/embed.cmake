# Writes a C file that holds files as bytes, WWW_FILES of gateway/www.h: the gateway then needs nothing beside itself.
#   cmake -D OUT=FILE -D ROOT=FOLDER -D "FILES=FILE FILE..." -P embed.cmake
# A file's path below ROOT is its address.
set(type.css "text/css; charset=utf-8")
set(type.html "text/html; charset=utf-8")
set(type.js "text/javascript; charset=utf-8")
set(type.json "application/json; charset=utf-8")
set(type.svg "image/svg+xml")

separate_arguments(FILES UNIX_COMMAND "${FILES}")
set(bytes "")
set(table "")
foreach(file ${FILES})
  cmake_path(RELATIVE_PATH file BASE_DIRECTORY ${ROOT} OUTPUT_VARIABLE name)
  cmake_path(GET file EXTENSION LAST_ONLY ending)
  string(MAKE_C_IDENTIFIER ${name} identifier)
  string(REGEX REPLACE "[.]html$" "" path ${name}) # a page's address has no ending
  file(READ ${file} digits HEX)
  file(SHA256 ${file} hash)
  string(SUBSTRING ${hash} 0 16 tag)
  string(REGEX REPLACE "(..)" "0x\\1," digits "${digits}")
  string(APPEND bytes "static const uint8_t ${identifier}[] = {${digits}};\n")
  string(APPEND table "    {\"/${path}\", \"${type${ending}}\", \"\\\"${tag}\\\"\", {${identifier}, "
                      "sizeof(${identifier})}},\n")
endforeach()
file(WRITE ${OUT} "#include \"gateway/www.h\"\n\n${bytes}\nconst struct www_file WWW_FILES[] = {\n${table}};\n"
                  "const size_t WWW_FILE_COUNT = sizeof(WWW_FILES) / sizeof(WWW_FILES[0]);\n")
