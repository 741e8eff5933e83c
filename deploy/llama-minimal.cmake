# The binding's CMakeLists forces llama.cpp's "common" library on; nothing in Lemmata uses it, and
# it doubles the build time. A plain variable shadows the cache entry (CMake policies CMP0126 and
# CMP0077), so including this file by CMAKE_PROJECT_llama_cpp_INCLUDE leaves it out.
set(LLAMA_BUILD_COMMON OFF)
