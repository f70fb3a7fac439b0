# Compiler, linker and cache settings shared by every target.

option(CHANCERY_TESTS "Build the unit tests" ON)
option(CHANCERY_BENCH "Build the benchmarks" OFF)
option(CHANCERY_FUZZ "Build the libFuzzer targets (needs clang)" OFF)
set(CHANCERY_SANITIZE "" CACHE STRING "Sanitizers: address,undefined or thread")

find_program(CCACHE_PROGRAM ccache)
if(CCACHE_PROGRAM)
  # Base dir and no hash dir: a clean clone elsewhere hits the same cache.
  set(CMAKE_CXX_COMPILER_LAUNCHER ${CMAKE_COMMAND} -E env CCACHE_BASEDIR=${CMAKE_SOURCE_DIR}
      CCACHE_NOHASHDIR=1 ${CCACHE_PROGRAM})
endif()

find_program(MOLD_PROGRAM mold)
if(MOLD_PROGRAM)
  add_link_options(-fuse-ld=mold)
endif()

add_library(chancery_warnings INTERFACE)
target_compile_options(
  chancery_warnings
  INTERFACE -Wall
            -Wextra
            -Wpedantic
            -Wshadow
            -Wconversion
            -Wsign-conversion
            -Wold-style-cast
            -Wnon-virtual-dtor
            -Woverloaded-virtual
            -Wimplicit-fallthrough
            -Wformat=2
            # Not where users build: a newer compiler's optimiser may warn of what is not there.
            $<$<NOT:$<CONFIG:Release>>:-Werror>)
if(CMAKE_CXX_COMPILER_ID STREQUAL "Clang")
  # TRY is a statement expression; g++ honours __extension__ for it, clang wants the flag.
  target_compile_options(chancery_warnings INTERFACE -Wno-gnu-statement-expression -Wthread-safety)
elseif(CHANCERY_SANITIZE)
  # g++ documents this warning as unreliable under sanitizers (it fires on std::optional); the other
  # presets keep it.
  target_compile_options(chancery_warnings INTERFACE -Wno-maybe-uninitialized)
endif()

set(CMAKE_CXX_FLAGS_DEBUG "-O0 -g1")
set(CMAKE_CXX_FLAGS_RELEASE "-O2 -DNDEBUG -g1")
if(CMAKE_BUILD_TYPE STREQUAL "Release")
  add_compile_options(-fstack-protector-strong -D_FORTIFY_SOURCE=2 -D_GLIBCXX_ASSERTIONS)
  if(CMAKE_SYSTEM_PROCESSOR STREQUAL "x86_64")
    add_compile_options(-fcf-protection)
  endif()
  add_link_options(-Wl,-z,relro -Wl,-z,now -pie)
  set(CMAKE_POSITION_INDEPENDENT_CODE ON)
endif()

if(CHANCERY_SANITIZE)
  add_compile_options(-fsanitize=${CHANCERY_SANITIZE} -fno-omit-frame-pointer -O1)
  add_link_options(-fsanitize=${CHANCERY_SANITIZE})
  if(CHANCERY_SANITIZE MATCHES "undefined")
    add_compile_options(-fno-sanitize-recover=undefined)
  endif()
endif()
if(CHANCERY_FUZZ)
  add_compile_options(-fsanitize=fuzzer-no-link)
endif()
