#include "server/status_upkeep.h"

#include <algorithm>
#include <utility>

#include "base/text.h"
#include "net/http_client.h"
#include "os/file.h"
#include "x509/ocsp.h"

namespace chancery::server {
namespace {

constexpr unsigned kPublicDirectory = 0755;
constexpr std::chrono::milliseconds kTimeout{5000};
constexpr seconds kAskAgain{300};
constexpr unsigned kResponderTurns = 30;  // each of them may cost a signature
constexpr std::size_t kMostOcsp = 64 * 1024;

std::string label_value(std::string_view text) {
  std::string out = "\"";
  for (const char c : text) {
    if (c == '\\' || c == '"') out.push_back('\\');
    out += c == '\n' ? std::string("\\n") : std::string(1, c);
  }
  return out + "\"";
}

std::string labels(const ca::CrlReport& report) {
  return "{issuer=" + label_value(report.authority->id()) +
         ",crl=" + label_value(ca::file_name(report.name)) + "} ";
}

// A family of one value for each item.
template <class Items, class Line>
void add_family(std::string& out, std::string_view name, std::string_view help, const Items& items,
                Line line) {
  if (items.empty()) return;
  out.append("# HELP ").append(name).append(" ").append(help).append("\n# TYPE ");
  out.append(name).append(" gauge\n");
  for (const auto& item : items) {
    const auto [text, value] = line(item);
    out.append(name).append(text).append(std::to_string(value)).append("\n");
  }
}

// These questions are nobody's requests: they belong to a trace that is not recorded (W3C Trace
// Context, flags 00).
constexpr std::pair<const char*, const char*> kUntraced{
    "traceparent", "00-00000000000000000000000000000001-0000000000000001-00"};

// The answer need not be whole: that it comes from a CRL's place is what is asked.
bool gives_crl(const std::string& url, const OnLane& on_lane) {
  net::HttpRequest request;
  request.url = url;
  request.headers = {{"Range", "bytes=0-1"}, kUntraced};
  request.timeout = kTimeout;
  std::string begin;
  request.sink = [&](std::string_view piece) -> Result<void> {
    begin += piece.substr(0, 2);
    if (begin.size() > 2) return fail(Code::kTooLarge, "");  // it gives all of it: enough is seen
    return {};
  };
  const auto response = net::send(request, on_lane);
  const bool answered =
      response ? response->status / 100 == 2 : response.error().code == Code::kTooLarge;
  return answered && begin.starts_with('\x30');  // a DER SEQUENCE
}

bool gives_ocsp(const std::string& url, const ca::Authority& authority, const OnLane& on_lane) {
  const Bytes id =
      x509::encode_cert_id(crypto::DigestAlgorithm::kSha1, authority.certificate().subject(),
                           authority.public_key(), authority.certificate().serial());
  const Bytes body = x509::encode_ocsp_request(std::span(&id, 1), {});
  net::HttpRequest request;
  request.method = "POST";
  request.url = url;
  request.headers = {{"Content-Type", "application/ocsp-request"}, kUntraced};
  request.body = std::string(as_text(body));
  request.timeout = kTimeout;
  request.max_response = kMostOcsp;
  const auto response = net::send(request, on_lane);
  if (!response) return false;
  const auto answer = x509::OcspResponse::parse(to_bytes(as_bytes(response->body)));
  return answer && answer->status == x509::OcspStatus::kSuccessful;
}

}  // namespace

void StatusUpkeep::tend(const OnLane& on_lane) {
  std::vector<ca::CrlReport> crls;
  std::vector<ca::ResponderReport> responders;
  const bool asks_responders = turn_++ % kResponderTurns == 0;
  for (const record::Scope& scope : scopes_()) {
    ca_.tend_ocsp(scope, on_lane);
    if (auto reports = ca_.crl_watch().tend(scope, on_lane))
      crls.insert(crls.end(), reports->begin(), reports->end());
    if (!asks_responders) continue;
    if (auto reports = ca_.crl_watch().responders(scope))
      responders.insert(responders.end(), reports->begin(), reports->end());
  }
  if (!directory_.empty()) write_files(crls);
  const std::scoped_lock lock(mutex_);
  crls_ = std::move(crls);
  if (asks_responders) responders_ = std::move(responders);
}

void StatusUpkeep::write_files(const std::vector<ca::CrlReport>& reports) {
  bool failing = false;
  for (const ca::CrlReport& report : reports) {
    if (!report.crl) continue;
    const auto written = write_file(report);
    if (written) continue;
    // Once, not at every turn.
    if (!failing_ && !failing) {
      log_.error("a CRL could not be written to the directory of CRLs",
                 {{"directory", directory_}, {"error", written.error().to_string()}});
    }
    failing = true;
  }
  failing_ = failing;
}

Result<void> StatusUpkeep::write_file(const ca::CrlReport& report) {
  const std::string directory = directory_ + "/" + report.authority->id();
  const std::string path = directory + "/" + ca::file_name(report.name) + ".crl";
  auto& written = written_[path];
  if (written == report.crl) return {};
  TRY(os::make_directory(directory_, kPublicDirectory));
  TRY(os::make_directory(directory, kPublicDirectory));
  TRY(os::write_file(path, report.crl->der.view(), os::kPublicFile));
  written = report.crl;
  return {};
}

std::optional<StatusUpkeep::Url> StatusUpkeep::known(const std::string& issuer,
                                                     const std::string& url) const {
  const std::scoped_lock lock(mutex_);
  const auto it = std::ranges::find_if(
      urls_, [&](const Url& each) { return each.issuer == issuer && each.url == url; });
  if (it == urls_.end()) return std::nullopt;
  return *it;
}

template <class Ask>
void StatusUpkeep::ask_one(std::vector<Url>& urls, const std::string& issuer,
                           const std::string& url, Ask ask) {
  const auto before = known(issuer, url);
  const TimePoint now = clock_.now();
  if (before && before->asked <= now && now < before->asked + kAskAgain) {
    urls.push_back(*before);
    return;
  }
  if (stopping_.load()) return;
  urls.push_back({issuer, url, ask(), now});
  if (!urls.back().answers && (!before || before->answers))
    log_.warning("a URL in certificates does not answer", {{"issuer", issuer}, {"url", url}});
}

void StatusUpkeep::ask(const OnLane& on_lane) {
  std::vector<Url> urls;
  for (const record::Scope& scope : scopes_()) {
    const auto authorities = ca_.authorities(scope);
    if (!authorities) continue;
    for (const auto& authority : *authorities) {
      // What others print into their certificates is theirs to watch.
      if (authority->signer() == nullptr || !authority->urls()) continue;
      for (const std::string& url : authority->urls()->crl_distribution_points) {
        const std::string whole = ca::with_shard(url, {});
        ask_one(urls, authority->id(), whole, [&] { return gives_crl(whole, on_lane); });
      }
      for (const std::string& url : authority->urls()->ocsp_servers)
        ask_one(urls, authority->id(), url, [&] { return gives_ocsp(url, *authority, on_lane); });
    }
  }
  const std::scoped_lock lock(mutex_);
  urls_ = std::move(urls);
}

std::string StatusUpkeep::metrics() const {
  const std::scoped_lock lock(mutex_);
  const TimePoint now = clock_.now();
  using Pair = std::pair<std::string, std::int64_t>;
  std::string out;
  std::vector<ca::CrlReport> there;
  for (const ca::CrlReport& report : crls_) {
    if (report.crl) there.push_back(report);
  }
  add_family(out, "chancery_crl_ok", "1 while a CRL is current and signed by the right key", crls_,
             [](const ca::CrlReport& r) {
               return Pair{labels(r), r.health == ca::StatusHealth::kOk ? 1 : 0};
             });
  add_family(
      out, "chancery_crl_age_seconds", "Since thisUpdate", there,
      [&](const ca::CrlReport& r) { return Pair{labels(r), (now - r.crl->this_update).count()}; });
  add_family(
      out, "chancery_crl_next_update_seconds", "Until nextUpdate; below 0: expired", there,
      [&](const ca::CrlReport& r) { return Pair{labels(r), (r.crl->next_update - now).count()}; });
  add_family(out, "chancery_crl_size_bytes", "Size of a CRL", there, [](const ca::CrlReport& r) {
    return Pair{labels(r), static_cast<std::int64_t>(r.crl->der.size())};
  });
  add_family(out, "chancery_crl_entries", "Certificates on a CRL of our own", there,
             [](const ca::CrlReport& r) {
               return Pair{labels(r), static_cast<std::int64_t>(r.crl->count)};
             });
  add_family(out, "chancery_crl_number", "Number of a CRL", there, [](const ca::CrlReport& r) {
    return Pair{labels(r), static_cast<std::int64_t>(r.crl->number)};
  });
  add_family(out, "chancery_ocsp_ok", "1 while an authority's OCSP responder answers", responders_,
             [](const ca::ResponderReport& r) {
               return Pair{"{issuer=" + label_value(r.authority->id()) + "} ",
                           r.health == ca::StatusHealth::kOk ? 1 : 0};
             });
  add_family(out, "chancery_status_url_ok", "1 while a URL that certificates name answers", urls_,
             [](const Url& url) {
               return Pair{
                   "{issuer=" + label_value(url.issuer) + ",url=" + label_value(url.url) + "} ",
                   url.answers ? 1 : 0};
             });
  return out;
}

}  // namespace chancery::server
