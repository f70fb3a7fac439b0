#include "os/hardening.h"

#include <errno.h>
#include <linux/audit.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <sched.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <vector>

namespace chancery::os {
namespace {

#if defined(__x86_64__)
constexpr std::uint32_t kArchitecture = AUDIT_ARCH_X86_64;
#elif defined(__aarch64__)
constexpr std::uint32_t kArchitecture = AUDIT_ARCH_AARCH64;
#endif

#ifdef __NR_fork
#define CHANCERY_OLD_CALLS __NR_fork, __NR_vfork, __NR_iopl, __NR_ioperm, __NR_modify_ldt
#else
#define CHANCERY_OLD_CALLS
#endif

// In the order of the groups that the decision record explains.
constexpr std::uint32_t kDenied[] = {
    // programs
    __NR_execve, __NR_execveat,
    // other processes
    __NR_ptrace, __NR_process_vm_readv, __NR_process_vm_writev, __NR_process_madvise,
    __NR_pidfd_getfd, __NR_kcmp, __NR_perf_event_open,
    // the kernel
    __NR_init_module, __NR_finit_module, __NR_delete_module, __NR_kexec_load, __NR_bpf,
    __NR_userfaultfd, __NR_io_uring_setup, __NR_io_uring_enter, __NR_io_uring_register,
    __NR_add_key, __NR_request_key, __NR_keyctl, __NR_syslog,
    // mounts and namespaces
    __NR_mount, __NR_umount2, __NR_pivot_root, __NR_chroot, __NR_move_mount, __NR_open_tree,
    __NR_fsopen, __NR_fsconfig, __NR_fsmount, __NR_fspick, __NR_mount_setattr, __NR_setns,
    __NR_unshare, __NR_open_by_handle_at, __NR_swapon, __NR_swapoff, __NR_quotactl, __NR_acct,
    // users and capabilities
    __NR_setuid, __NR_setgid, __NR_setreuid, __NR_setregid, __NR_setresuid, __NR_setresgid,
    __NR_setfsuid, __NR_setfsgid, __NR_setgroups, __NR_capset,
    // the machine
    __NR_reboot, __NR_settimeofday, __NR_clock_settime, __NR_adjtimex, __NR_clock_adjtime,
    __NR_sethostname, __NR_setdomainname, __NR_personality, CHANCERY_OLD_CALLS};

constexpr std::uint32_t kEperm = SECCOMP_RET_ERRNO | EPERM;
constexpr std::uint32_t kEnosys = SECCOMP_RET_ERRNO | ENOSYS;

constexpr std::uint32_t offset_of_argument(int index) {
  // The lower half, on little-endian machines.
  return static_cast<std::uint32_t>(offsetof(seccomp_data, args) +
                                    8 * static_cast<std::size_t>(index));
}

sock_filter load(std::size_t offset) {
  return BPF_STMT(BPF_LD | BPF_W | BPF_ABS, static_cast<std::uint32_t>(offset));
}
sock_filter answer(std::uint32_t what) { return BPF_STMT(BPF_RET | BPF_K, what); }

using Program = std::vector<sock_filter>;

// What follows `checks` runs only for this call; every path through `checks` must answer.
void for_call(Program& program, std::uint32_t number, const Program& checks) {
  program.push_back(
      BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, number, 0, static_cast<std::uint8_t>(checks.size())));
  for (const sock_filter& check : checks) program.push_back(check);
}

// Answers EPERM when all of `bits` are set in an argument (or none of them, for `want` 0).
Program deny_if_bits(int argument, std::uint32_t bits, std::uint32_t want) {
  return {load(offset_of_argument(argument)), BPF_STMT(BPF_ALU | BPF_AND | BPF_K, bits),
          BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, want, 0, 1), answer(kEperm),
          answer(SECCOMP_RET_ALLOW)};
}

Program make_filter() {
  Program program;
  // Calls of another architecture (32-bit ones on a 64-bit kernel) have other numbers.
  program.push_back(load(offsetof(seccomp_data, arch)));
  program.push_back(BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, kArchitecture, 1, 0));
  program.push_back(answer(SECCOMP_RET_KILL_PROCESS));
  program.push_back(load(offsetof(seccomp_data, nr)));
#if defined(__x86_64__)
  // The x32 calls.
  program.push_back(BPF_JUMP(BPF_JMP | BPF_JGE | BPF_K, 0x40000000U, 0, 1));
  program.push_back(answer(kEperm));
#endif
  for (const std::uint32_t number : kDenied) for_call(program, number, {answer(kEperm)});
  // Threads, but no processes. The C library falls back to clone, whose flags can be looked at.
  for_call(program, __NR_clone3, {answer(kEnosys)});
  for_call(program, __NR_clone, deny_if_bits(0, CLONE_THREAD, 0));
  // Libraries that are loaded late map code that is not writable.
  constexpr std::uint32_t kWriteAndRun = PROT_WRITE | PROT_EXEC;
  for_call(program, __NR_mmap, deny_if_bits(2, kWriteAndRun, kWriteAndRun));
  for_call(program, __NR_mprotect, deny_if_bits(2, PROT_EXEC, PROT_EXEC));
  for_call(program, __NR_pkey_mprotect, deny_if_bits(2, PROT_EXEC, PROT_EXEC));
  program.push_back(answer(SECCOMP_RET_ALLOW));
  return program;
}

std::unexpected<Error> failed(Code code, const char* what) {
  return std::unexpected(Error{code, what, {}, {}}.with("reason", std::strerror(errno)));
}

}  // namespace

Result<void> forbid_core_dumps() {
  const rlimit none{0, 0};
  if (::prctl(PR_SET_DUMPABLE, 0) != 0 || ::setrlimit(RLIMIT_CORE, &none) != 0)
    return failed(Code::kInternal, "cannot forbid core dumps");
  return {};
}

Result<void> forbid_new_programs() {
  if (::prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0)
    return failed(Code::kInternal, "cannot give up new privileges");
  Program program = make_filter();
  const sock_fprog all{static_cast<unsigned short>(program.size()), program.data()};
  // All threads: the store has some by now.
  if (::syscall(__NR_seccomp, SECCOMP_SET_MODE_FILTER, SECCOMP_FILTER_FLAG_TSYNC, &all) != 0)
    return failed(Code::kUnsupported, "the kernel takes no system call filter");
  return {};
}

}  // namespace chancery::os
