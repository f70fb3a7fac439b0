# chancery_module(<folder> [DEPENDS <folder>...] [LIBRARIES <target>...]
#                 [TEST_DEPENDS <folder>...] [TEST_LIBRARIES <target>...])
#
# One static library per folder under src/. Its headers are visible to the folders that name it in
# DEPENDS (and to theirs, transitively) and to nobody else: each module has an include directory of
# its own that holds only a link to its folder, so an include that the layers forbid does not
# compile. LIBRARIES are third-party targets; they are private to the folder, so their headers
# cannot appear in a public header. TEST_DEPENDS and TEST_LIBRARIES go to the test program only.
#
# Every *_test.cc of the folder goes into one doctest program, <folder>_test, run by ctest.
function(chancery_module FOLDER)
  cmake_parse_arguments(M "" "" "DEPENDS;LIBRARIES;TEST_DEPENDS;TEST_LIBRARIES" ${ARGN})
  string(REPLACE "/" "_" name ${FOLDER})
  set(source_dir ${CMAKE_SOURCE_DIR}/src/${FOLDER})
  set(include_dir ${CMAKE_BINARY_DIR}/include/${name})
  get_filename_component(parent ${include_dir}/${FOLDER} DIRECTORY)
  file(MAKE_DIRECTORY ${parent})
  if(NOT EXISTS ${include_dir}/${FOLDER})
    file(CREATE_LINK ${source_dir} ${include_dir}/${FOLDER} SYMBOLIC)
  endif()

  file(GLOB sources CONFIGURE_DEPENDS ${source_dir}/*.cc)
  set(tests ${sources})
  list(FILTER sources EXCLUDE REGEX "_test\\.cc$")
  list(FILTER tests INCLUDE REGEX "_test\\.cc$")

  list(TRANSFORM M_DEPENDS REPLACE "/" "_")
  list(TRANSFORM M_DEPENDS PREPEND chancery_)
  list(TRANSFORM M_TEST_DEPENDS REPLACE "/" "_")
  list(TRANSFORM M_TEST_DEPENDS PREPEND chancery_)

  if(sources)
    add_library(chancery_${name} STATIC ${sources})
    target_include_directories(chancery_${name} PUBLIC ${include_dir})
    target_link_libraries(chancery_${name} PUBLIC ${M_DEPENDS} PRIVATE chancery_warnings ${M_LIBRARIES})
  else()
    add_library(chancery_${name} INTERFACE)
    target_include_directories(chancery_${name} INTERFACE ${include_dir})
    target_link_libraries(chancery_${name} INTERFACE ${M_DEPENDS})
  endif()

  if(tests AND CHANCERY_TESTS)
    add_executable(${name}_test ${tests})
    target_link_libraries(${name}_test PRIVATE chancery_${name} ${M_TEST_DEPENDS} chancery_test_main
                                               chancery_warnings ${M_LIBRARIES} ${M_TEST_LIBRARIES})
    target_compile_definitions(${name}_test PRIVATE CHANCERY_SOURCE_DIR="${CMAKE_SOURCE_DIR}")
    add_test(NAME ${name} COMMAND ${name}_test)
  endif()
endfunction()
