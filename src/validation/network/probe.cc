#include "validation/network/probe.h"

#include <array>

#include "validation/network/records.h"
#include "x509/general_name.h"

namespace chancery::validation::network {
namespace {

constexpr std::size_t kMaxTexts = 200;

// What allowed addresses there are, and why the others are not.
struct Sorted {
  std::vector<Bytes> allowed;
  std::string refused;
};

void sort_in(const Probe& probe, const LookUp& answer, std::size_t size, Sorted& out) {
  for (const Bytes& address : answer.records) {
    if (address.size() != size) continue;
    const auto why = probe.rules.refusal(address);
    if (!why) {
      out.allowed.push_back(address);
      return;
    }
    if (out.refused.empty()) out.refused = x509::ip_to_string(address) + ": " + *why;
  }
}

Failure refused(const std::string& host, const std::string& why) {
  return {Problem::kConnection,
          host + " has no address that this server connects to (" + why +
              "). If it is right, its operator has to allow it with validation.allow.",
          false};
}

Step<std::vector<Bytes>> one_address(const Probe& probe, const std::string& text,
                                     const Bytes& octets) {
  if (const auto why = probe.rules.refusal(octets)) {
    probe.trail.saw(text, "not connected to: " + *why);
    return std::unexpected(refused(text, *why));
  }
  return std::vector<Bytes>{octets};
}

bool may_pass_later(LookUp::Status status) { return status != LookUp::Status::kBogus; }

std::string advice(LookUp::Status status) {
  switch (status) {
    case LookUp::Status::kNxDomain:
      return ". Publish the record, or wait until it has reached all servers of the zone.";
    case LookUp::Status::kServFail:
    case LookUp::Status::kTimedOut:
      return ". Check that all name servers of the zone are reachable and answer.";
    case LookUp::Status::kBogus:
      return ". Check the zone's signatures and the DS record at its parent.";
    default:
      return ".";
  }
}

}  // namespace

LookUp Probe::look_up(const std::string& domain, RecordType type) const {
  LookUp answer = resolver.look_up(domain, type, step());
  saw(domain, type, answer);
  return answer;
}

std::pair<LookUp, LookUp> Probe::look_up_both(const std::string& domain, RecordType first,
                                              RecordType second) const {
  auto answers = resolver.look_up_both(domain, first, second, step());
  saw(domain, first, answers.first);
  saw(domain, second, answers.second);
  return answers;
}

void Probe::saw(const std::string& domain, RecordType type, const LookUp& answer) const {
  trail.saw(std::string(name(type)) + " " + domain, answer.text());
}

Failure failure_of(const LookUp& look_up, const std::string& domain, RecordType type) {
  const bool ours = look_up.status == LookUp::Status::kInternal;
  return {ours ? Problem::kServerInternal : Problem::kDns,
          "looking up " + std::string(name(type)) + " of " + domain + ": " + look_up.text() +
              advice(look_up.status),
          may_pass_later(look_up.status)};
}

Step<std::vector<std::string>> texts(const Probe& probe, const std::string& domain) {
  const LookUp answer = probe.look_up(domain, RecordType::kTxt);
  if (answer.failed() || answer.status == LookUp::Status::kNxDomain)
    return std::unexpected(failure_of(answer, domain, RecordType::kTxt));
  std::vector<std::string> out;
  for (const Bytes& record : answer.records) {
    if (out.size() == kMaxTexts) break;
    if (auto text = txt_text(record)) out.push_back(std::move(*text));
  }
  if (out.empty()) {
    return std::unexpected(
        Failure{Problem::kUnauthorized,
                "there is no TXT record at " + domain +
                    ". Publish it, or wait until it has reached all servers of the zone.",
                true});
  }
  return out;
}

Step<std::vector<Bytes>> addresses(const Probe& probe, const std::string& host) {
  if (const auto octets = x509::parse_ip(host)) return one_address(probe, host, *octets);
  const auto [six, four] = probe.look_up_both(host, RecordType::kAaaa, RecordType::kA);
  if (six.status == LookUp::Status::kBogus)
    return std::unexpected(failure_of(six, host, RecordType::kAaaa));
  if (four.status == LookUp::Status::kBogus)
    return std::unexpected(failure_of(four, host, RecordType::kA));
  Sorted sorted;
  sort_in(probe, six, 16, sorted);
  sort_in(probe, four, 4, sorted);
  if (!sorted.allowed.empty()) return sorted.allowed;
  if (!sorted.refused.empty()) {
    probe.trail.saw(host, "not connected to: " + sorted.refused);
    return std::unexpected(refused(host, sorted.refused));
  }
  if (four.failed() || four.status == LookUp::Status::kNxDomain)
    return std::unexpected(failure_of(four, host, RecordType::kA));
  if (six.failed()) return std::unexpected(failure_of(six, host, RecordType::kAaaa));
  return std::unexpected(
      Failure{Problem::kDns, host + " has neither an A nor an AAAA record. Publish one.", true});
}

}  // namespace chancery::validation::network
