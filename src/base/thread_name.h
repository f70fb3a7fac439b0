#pragma once

namespace chancery {

// name_this_thread gives the calling thread a name of at most 15 characters, which top, gdb and the
// benchmarks show.
void name_this_thread(const char* name);

}  // namespace chancery
