#include "ca/chains.h"

#include <algorithm>

#include "x509/verify.h"

namespace chancery::ca {
namespace {

constexpr std::size_t kMostRemembered = 20'000;
constexpr std::size_t kLongestChain = 10;
constexpr std::size_t kMostSteps = 500;  // of one search

bool is_root(const x509::Certificate& certificate) { return certificate.is_self_issued(); }

// Whether the names and key identifiers agree, which costs nothing.
bool could_sign(const x509::Certificate& issuer, const x509::Certificate& child) {
  if (!x509::matches(child.issuer(), issuer.subject())) return false;
  const auto& wanted = child.extensions().authority_key_id;
  const auto id = issuer.subject_key_id();
  return !wanted || !wanted->key_id || !id || equal(*wanted->key_id, *id);
}

// Search looks for the way from one certificate up to a root, depth first.
class Search {
 public:
  Search(const std::vector<x509::Certificate>& candidates, SignatureMemo& signatures)
      : candidates_(candidates), signatures_(signatures) {}

  std::vector<Bytes> run(const x509::Certificate& start) {
    way_.push_back(start);
    climb();
    std::vector<Bytes> chain;
    for (std::size_t i = 1; i < best_.size(); ++i) chain.push_back(to_bytes(best_[i].der()));
    return chain;
  }

 private:
  // climb says whether a root was reached.
  bool climb() {
    if (way_.size() > best_.size()) best_ = way_;
    if (is_root(way_.back())) {
      best_ = way_;
      return true;
    }
    for (const x509::Certificate& candidate : candidates_) {
      if (++steps_ > kMostSteps || way_.size() > kLongestChain) return false;
      if (!could_sign(candidate, way_.back()) || std::ranges::find(way_, candidate) != way_.end())
        continue;
      if (!signatures_.signed_by(way_.back(), candidate)) continue;
      way_.push_back(candidate);
      if (climb()) return true;
      way_.pop_back();
    }
    return false;
  }

  const std::vector<x509::Certificate>& candidates_;
  SignatureMemo& signatures_;
  std::vector<x509::Certificate> way_;
  std::vector<x509::Certificate> best_;
  std::size_t steps_ = 0;
};

std::vector<Bytes> manual_chain(const AuthorityRecord& authority,
                                const std::vector<AuthorityRecord>& all) {
  std::vector<Bytes> chain;
  for (std::size_t i = 1; i < authority.manual_chain.size(); ++i) {
    const auto found = std::ranges::find(all, authority.manual_chain[i], &AuthorityRecord::id);
    if (found != all.end()) chain.push_back(found->certificate);
  }
  return chain;
}

bool more_recent(const x509::Certificate& a, const x509::Certificate& b) {
  return a.not_before() != b.not_before() ? a.not_before() > b.not_before()
                                          : std::ranges::lexicographical_compare(a.der(), b.der());
}

}  // namespace

bool SignatureMemo::signed_by(const x509::Certificate& child, const x509::Certificate& issuer) {
  const auto pair = std::make_pair(child.fingerprint_sha256(), issuer.fingerprint_sha256());
  {
    const std::scoped_lock lock(mutex_);
    if (const auto it = known_.find(pair); it != known_.end()) return it->second;
  }
  const bool yes = x509::verify_signed_by(child, issuer).has_value();
  const std::scoped_lock lock(mutex_);
  if (known_.size() >= kMostRemembered) known_.clear();
  known_[pair] = yes;
  return yes;
}

Result<std::vector<std::vector<Bytes>>> find_chains(const std::vector<AuthorityRecord>& authorities,
                                                    SignatureMemo& signatures) {
  std::vector<x509::Certificate> own;
  std::vector<x509::Certificate> candidates;
  for (const AuthorityRecord& authority : authorities) {
    own.push_back(TRY(x509::Certificate::parse(BytesView(authority.certificate))));
    candidates.push_back(own.back());
    for (const Bytes& above : authority.chain) {
      candidates.push_back(TRY(x509::Certificate::parse(BytesView(above))));
    }
  }
  std::ranges::sort(candidates, more_recent);
  const auto repeated = std::ranges::unique(candidates);
  candidates.erase(repeated.begin(), repeated.end());

  std::vector<std::vector<Bytes>> chains;
  for (std::size_t i = 0; i < authorities.size(); ++i) {
    chains.push_back(authorities[i].manual_chain.empty()
                         ? Search(candidates, signatures).run(own[i])
                         : manual_chain(authorities[i], authorities));
  }
  return chains;
}

std::optional<std::size_t> find_parent(const x509::Certificate& certificate,
                                       const std::vector<x509::Certificate>& authorities) {
  for (std::size_t i = 0; i < authorities.size(); ++i) {
    if (!could_sign(authorities[i], certificate)) continue;
    if (x509::verify_signed_by(certificate, authorities[i])) return i;
  }
  return std::nullopt;
}

}  // namespace chancery::ca
