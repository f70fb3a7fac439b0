// For the leak check of a sanitized server: its tracer looks into the process when it stops, which
// the server forbids for good at its start (src/os/hardening.h). This lets it believe that it did.

#include <dlfcn.h>
#include <stdarg.h>
#include <sys/prctl.h>
#include <sys/syscall.h>

extern "C" {

int prctl(int option, ...) {
  va_list arguments;
  va_start(arguments, option);
  unsigned long a[4];
  for (unsigned long& argument : a) argument = va_arg(arguments, unsigned long);
  va_end(arguments);
  if (option == PR_SET_DUMPABLE || option == PR_SET_NO_NEW_PRIVS) return 0;
  using Prctl = int (*)(int, ...);
  static const auto real = reinterpret_cast<Prctl>(::dlsym(RTLD_NEXT, "prctl"));
  return real(option, a[0], a[1], a[2], a[3]);
}

long syscall(long number, ...) {
  va_list arguments;
  va_start(arguments, number);
  long a[6];
  for (long& argument : a) argument = va_arg(arguments, long);
  va_end(arguments);
  if (number == SYS_seccomp) return 0;
  using Syscall = long (*)(long, ...);
  static const auto real = reinterpret_cast<Syscall>(::dlsym(RTLD_NEXT, "syscall"));
  return real(number, a[0], a[1], a[2], a[3], a[4], a[5]);
}

}  // extern "C"
