#include <unistd.h>

#include <array>
#include <boost/json.hpp>
#include <cerrno>
#include <cstring>
#include <optional>

#include "base/text.h"
#include "cli/inspect_reader.h"
#include "cli/progress.h"
#include "cli/report.h"
#include "cli/server_address.h"
#include "cli/standard_input.h"
#include "cli/terminal.h"
#include "cli/tool_verbs.h"
#include "net/http_client.h"
#include "net/served_chain.h"
#include "os/file.h"
#include "x509/path/host.h"

namespace chancery::cli {
namespace {

namespace json = boost::json;

constexpr std::size_t kMaxContent = 64 * 1024 * 1024;
constexpr std::chrono::seconds kTimeout{15};

struct Seen {
  std::string source;
  std::string how;  // "TLSv1.3, ..."; empty for files
  std::vector<Item> items;
};

// What is wrong with a chain as a whole, told at its first certificate.
void judge_chain(const std::vector<x509::Certificate>& chain, const std::string& host,
                 std::vector<std::string>& warnings) {
  x509::path::Findings findings;
  x509::path::check_host(chain.front(), host, findings);
  if (findings.errors() > 0) warnings.push_back("does not name the host " + printable(host));
  for (std::size_t i = 0; i + 1 < chain.size(); ++i) {
    if (!matches(chain[i].issuer(), chain[i + 1].subject()))
      warnings.push_back("the chain is out of order: certificate " + std::to_string(i + 2) +
                         " did not issue certificate " + std::to_string(i + 1));
  }
  if (chain.size() == 1 && !chain.front().is_self_issued())
    warnings.emplace_back("the server shows no intermediate; clients that lack it cannot verify");
}

Result<Seen> look_at_server(const ServerAddress& server, TimePoint now) {
  const auto served =
      TRY(net::fetch_served_chain(server.host, server.port, kTimeout, OnLane::outside_server()));
  Seen seen;
  seen.how = served.protocol + ", " + served.cipher;
  if (!served.group.empty()) seen.how += ", " + served.group;
  std::vector<x509::Certificate> chain;
  for (const Bytes& der : served.certificates) {
    chain.push_back(TRY(x509::Certificate::parse(BytesView(der))));
    seen.items.push_back(describe(chain.back(), now));
  }
  judge_chain(chain, server.host, seen.items.front().warnings);
  if (!served.ocsp.empty()) {
    const auto response = x509::OcspResponse::parse(served.ocsp);
    if (response) seen.items.push_back(describe(*response, now));
  }
  return seen;
}

Result<Seen> look_at_bytes(BytesView content, const InspectOptions& options, TimePoint now) {
  const auto ask = [&] {
    return read_password(options.password_file, "Password of " + options.target + ": ");
  };
  return Seen{{}, {}, TRY(inspect_bytes(content, now, ask))};
}

Result<net::HttpResponse> download(net::HttpRequest request) {
  std::optional<Progress> bar;
  request.progress = [&bar](std::uint64_t done, std::uint64_t total) {
    if (!bar) bar.emplace("downloading", total);
    bar->update(done);
  };
  return net::send(request, OnLane::outside_server());
}

Result<Seen> look_at_url(const InspectOptions& options, TimePoint now) {
  net::HttpRequest request;
  request.url = options.target;
  request.max_response = kMaxContent;
  const auto response = TRY(download(std::move(request)));
  if (response.status != 200) {
    return fail(response.status == 404 ? Code::kNotFound : Code::kUnavailable,
                "the server answered with status " + std::to_string(response.status));
  }
  return look_at_bytes(as_bytes(response.body), options, now);
}

Result<Seen> look(const InspectOptions& options, TimePoint now) {
  const std::string& target = options.target;
  if (target == "-") {
    const SecretBytes content = TRY(read_standard_input(kMaxContent));
    return look_at_bytes(content.view(), options, now);
  }
  if (target.starts_with("https://")) {
    const auto server = parse_https_url(target);
    if (!server) return fail(Code::kInvalidArgument, "expected https://host or https://host:port");
    return look_at_server(*server, now);
  }
  if (target.starts_with("http://")) return look_at_url(options, now);
  if (!os::exists(target)) {
    if (const auto server = parse_host_port(target)) return look_at_server(*server, now);
  }
  const SecretBytes content = TRY(os::read_secret_file(target, kMaxContent));
  return look_at_bytes(content.view(), options, now);
}

void print_items(const Seen& seen) {
  const Paint paint = Paint::for_stream(stdout);
  if (!seen.how.empty()) print(row("Connection", seen.how) + "\n");
  for (std::size_t i = 0; i < seen.items.size(); ++i) {
    const Item& item = seen.items[i];
    std::string title = item.title;
    if (seen.items.size() > 1)
      title = std::to_string(i + 1) + " of " + std::to_string(seen.items.size()) + ": " + title;
    print((i > 0 ? "\n" : "") + paint(Colour::kBold, title) + "\n" + item.text);
    for (const std::string& warning : item.warnings)
      print(paint(Colour::kYellow, "Warning:") + std::string(14, ' ') + printable(warning, 1000) +
            "\n");
  }
}

json::object to_value(Seen seen) {
  json::array objects;
  for (Item& item : seen.items) {
    item.value["warnings"] = json::array(item.warnings.begin(), item.warnings.end());
    objects.push_back(std::move(item.value));
  }
  json::object value{{"source", seen.source}};
  if (!seen.how.empty()) value["connection"] = seen.how;
  value["objects"] = std::move(objects);
  return value;
}

}  // namespace

Exit cert_inspect(const InspectOptions& options, const Common& common) {
  auto seen = look(options, SystemClock().now());
  if (!seen) return fail_with(std::move(seen).error().with("source", options.target));
  seen->source = options.target;
  if (common.format == Format::kText) {
    print_items(*seen);
  } else {
    print_value(to_value(*std::move(seen)), common.format);
  }
  return Exit::kOk;
}

}  // namespace chancery::cli
