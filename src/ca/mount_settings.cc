#include "ca/mount_settings.h"

#include <algorithm>
#include <array>
#include <span>

#include "ca/crl_entries.h"
#include "ca/record_text.h"

namespace chancery::ca {
namespace {

constexpr std::size_t kMaxUrl = 2048;

record::StateKey settings_key(const record::Scope& scope, std::string_view which) {
  return {record::StateKind::kSettings, scope, std::string(which)};
}

Result<asn1::Reader> enter(BytesView der) {
  asn1::Reader outer(der);
  asn1::Reader reader = TRY(outer.enter_sequence());
  TRY(outer.finish());
  if (TRY(reader.read_int64()) != 1)
    return reader.error("settings have an unknown version", Code::kUnsupported);
  return reader;
}

struct UrlField {
  std::string_view name;
  std::vector<std::string> Urls::* urls;
};

// In the order in which Vault looks at them.
constexpr std::array kUrlFields{
    UrlField{"issuing_certificates", &Urls::issuing_certificates},
    UrlField{"crl_distribution_points", &Urls::crl_distribution_points},
    UrlField{"delta_crl_distribution_points", &Urls::delta_crl_distribution_points},
    UrlField{"ocsp_servers", &Urls::ocsp_servers},
};

std::unexpected<Error> invalid(std::string_view field, std::string detail) {
  return std::unexpected(
      Error{Code::kInvalidArgument, std::move(detail), {}, {}}.with("field", field));
}

void replace_all(std::string& text, std::string_view from, std::string_view to) {
  for (std::size_t at = text.find(from); at != text.npos; at = text.find(from, at + to.size())) {
    text.replace(at, from.size(), to);
  }
}

struct Variable {
  std::string_view name;
  std::string_view value;
  std::string_view setting;  // where an empty value has to be set; "": it is never empty
};

Result<void> fill_in_one(std::string& url, std::span<const Variable> variables) {
  for (const Variable& variable : variables) {
    const std::string name = "{{" + std::string(variable.name) + "}}";
    if (!url.contains(name)) continue;
    if (variable.value.empty()) {
      return invalid(variable.setting,
                     "unable to template AIA URLs as we lack local cluster address information (" +
                         std::string(variable.setting) + ")");
    }
    replace_all(url, name, variable.value);
  }
  return {};
}

}  // namespace

Bytes encode(const Defaults& defaults) {
  asn1::Writer w(128);
  w.sequence([&] {
    w.integer(1);
    w.element(asn1::kUtf8String, defaults.issuer);
    w.element(asn1::kUtf8String, defaults.key);
    w.boolean(defaults.follow_latest_issuer);
  });
  return std::move(w).take();
}

Result<Defaults> decode_defaults(BytesView der) {
  asn1::Reader reader = TRY(enter(der));
  Defaults defaults;
  defaults.issuer = TRY(read_record_text(reader));
  defaults.key = TRY(read_record_text(reader));
  defaults.follow_latest_issuer = TRY(reader.read_boolean());
  TRY(reader.finish());
  return defaults;
}

Bytes encode(const Cluster& cluster) {
  asn1::Writer w(256);
  w.sequence([&] {
    w.integer(1);
    w.element(asn1::kUtf8String, cluster.path);
    w.element(asn1::kUtf8String, cluster.aia_path);
  });
  return std::move(w).take();
}

Result<Cluster> decode_cluster(BytesView der) {
  asn1::Reader reader = TRY(enter(der));
  Cluster cluster;
  cluster.path = TRY(read_record_text(reader));
  cluster.aia_path = TRY(read_record_text(reader));
  TRY(reader.finish());
  return cluster;
}

Bytes encode(const Urls& urls) {
  asn1::Writer w(512);
  w.sequence([&] {
    w.integer(1);
    write_record_texts(w, urls.issuing_certificates);
    write_record_texts(w, urls.crl_distribution_points);
    write_record_texts(w, urls.ocsp_servers);
    write_record_texts(w, urls.delta_crl_distribution_points);
    w.boolean(urls.templated);
  });
  return std::move(w).take();
}

Result<Urls> decode_urls(BytesView der) {
  asn1::Reader reader = TRY(enter(der));
  Urls urls;
  urls.issuing_certificates = TRY(read_record_texts(reader));
  urls.crl_distribution_points = TRY(read_record_texts(reader));
  urls.ocsp_servers = TRY(read_record_texts(reader));
  urls.delta_crl_distribution_points = TRY(read_record_texts(reader));
  urls.templated = TRY(reader.read_boolean());
  TRY(reader.finish());
  return urls;
}

record::StateKey defaults_key(const record::Scope& scope) { return settings_key(scope, "issuers"); }
record::StateKey cluster_key(const record::Scope& scope) { return settings_key(scope, "cluster"); }
record::StateKey urls_key(const record::Scope& scope) { return settings_key(scope, "urls"); }

Result<Urls> read_urls(const record::StateReader& reader, const record::Scope& scope) {
  const auto row = TRY(reader.get(urls_key(scope)));
  return row ? decode_urls(row->value) : Urls{};
}

Result<Cluster> read_cluster(const record::StateReader& reader, const record::Scope& scope) {
  const auto row = TRY(reader.get(cluster_key(scope)));
  return row ? decode_cluster(row->value) : Cluster{};
}

Result<Urls> fill_in(const Urls& urls, const Cluster& cluster, std::string_view issuer_id) {
  if (!urls.templated) return urls;
  const std::array variables{Variable{"issuer_id", issuer_id, ""},
                             Variable{"cluster_path", cluster.path, "path"},
                             Variable{"cluster_aia_path", cluster.aia_path, "aia_path"}};
  Urls filled = urls;
  filled.templated = false;
  for (const UrlField& field : kUrlFields) {
    for (std::string& url : filled.*field.urls) {
      TRY(fill_in_one(url, variables));
      // The shard is filled in for each certificate.
      const bool sharded = field.urls == &Urls::crl_distribution_points ||
                           field.urls == &Urls::delta_crl_distribution_points;
      if (is_url(sharded ? with_shard(url, {}) : url)) continue;
      return invalid(field.name, "error validating templated " + std::string(field.name) +
                                     "; invalid URI: " + printable(url, kMaxUrl));
    }
  }
  return filled;
}

Result<void> check_urls(const Urls& urls) {
  for (const UrlField& field : kUrlFields) {
    if ((urls.*field.urls).size() > kMaxRecordItems) {
      return invalid(field.name, "at most " + std::to_string(kMaxRecordItems) + " URLs");
    }
    for (const std::string& url : urls.*field.urls) {
      if (url.size() <= kMaxUrl && (urls.templated ? is_valid_utf8(url) : is_url(url))) continue;
      return invalid(field.name,
                     "invalid URL found in Authority Information Access (AIA) parameter " +
                         std::string(field.name) + ": " + printable(url, kMaxUrl));
    }
  }
  return {};
}

bool is_url(std::string_view text) {
  const std::size_t scheme = text.find("://");
  if (text.size() > kMaxUrl || scheme == text.npos || scheme == 0) return false;
  const bool visible = std::ranges::all_of(text, [](char c) {
    return c > ' ' && c < 0x7f && c != '"' && c != '<' && c != '>' && c != '\\' && c != '^' &&
           c != '`' && c != '{' && c != '|' && c != '}';
  });
  const bool named = std::ranges::all_of(text.substr(0, scheme), [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '+' ||
           c == '-' || c == '.';
  });
  const std::string_view rest = text.substr(scheme + 3);
  return visible && named && !rest.empty() && rest.front() != '/';
}

}  // namespace chancery::ca
