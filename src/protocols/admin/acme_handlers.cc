#include <algorithm>

#include "base/text.h"
#include "protocols/admin/handlers.h"
#include "protocols/admin/strict.h"
#include "protocols/admin/version.h"

// ACME directories, and what is in them.
namespace chancery::admin {
namespace {

constexpr std::size_t kDefaultPage = 100;
constexpr std::size_t kLargestPage = 1000;

using acme::Acme;
using acme::Directories;
using acme::Directory;
using acme::LoadedDirectory;
using Entry = std::shared_ptr<const LoadedDirectory>;

Result<Acme*> core(const Call& call) {
  if (call.use.acme != nullptr) return call.use.acme;
  return fail(Code::kUnsupported, "this server has no ACME");
}

Result<Entry> directory_of(const Call& call) {
  Acme* const acme = TRY(core(call));
  auto found = TRY(acme->directories.find(call.variables.at(0)));
  if (found) return found;
  return std::unexpected(
      Error{Code::kNotFound, "no directory " + printable(call.variables.at(0), 64), {}, {}}.with(
          "field", "name"));
}

// One list says the name and type of every field: reading, writing and "did you mean" follow it.
template <class Visit>
void visit_fields(Directory& row, Visit visit) {
  visit("description", row.description);
  visit("enabled", row.enabled);
  visit("mount", row.mount);
  visit("issuer", row.issuer);
  visit("challenges", row.challenges);
  visit("eab_required", row.eab_required);
  visit("skip_challenges", row.skip_challenges);
  visit("pre_authorization", row.pre_authorization);
  visit("caa", row.caa);
  visit("caa_identities", row.caa_identities);
  visit("zone", row.zone);
  visit("terms_of_service", row.terms_of_service);
  visit("website", row.website);
  visit("hosts", row.hosts);
  visit("unknown_replaces", row.unknown_replaces);
  visit("most_names", row.most_names);
  visit("attempts", row.attempts);
  visit("order_lifetime", row.order_lifetime);
  visit("pending_lifetime", row.pending_lifetime);
  visit("reuse", row.reuse);
  visit("accounts_per_address", row.accounts_per_address);
  visit("orders_per_account", row.orders_per_account);
  visit("orders_per_name", row.orders_per_name);
  visit("failures_per_name", row.failures_per_name);
  visit("certificates_per_domain", row.certificates_per_domain);
  visit("domain_labels", row.domain_labels);
  visit("pause_after", row.pause_after);
  visit("pause", row.pause);
}

struct Reader {
  json::FieldReader& fields;
  void operator()(std::string_view name, std::string& value) const {
    value = fields.text(name, value);
  }
  void operator()(std::string_view name, bool& value) const { value = fields.flag(name, value); }
  void operator()(std::string_view name, std::vector<std::string>& value) const {
    value = fields.list(name, value);
  }
  void operator()(std::string_view name, seconds& value) const {
    value = fields.duration(name, value);
  }
  void operator()(std::string_view name, std::uint32_t& value) const {
    const std::int64_t read = fields.integer(name, value);
    if (read < 0 || read > UINT32_MAX) {
      fields.refuse(name, "it can be 0 to 4294967295");
    } else {
      value = static_cast<std::uint32_t>(read);
    }
  }
};

struct Writer {
  json::Writer& out;
  void operator()(std::string_view name, const std::string& value) const { out.field(name, value); }
  void operator()(std::string_view name, bool& value) const { out.field(name, value); }
  void operator()(std::string_view name, const std::vector<std::string>& value) const {
    out.field(name, value);
  }
  void operator()(std::string_view name, const seconds& value) const {
    out.field(name, value.count());
  }
  void operator()(std::string_view name, const std::uint32_t& value) const {
    out.field(name, value);
  }
};

std::vector<std::string_view> field_names() {
  std::vector<std::string_view> names{"profiles", "profile_descriptions"};
  Directory row;
  visit_fields(row, [&](std::string_view name, const auto&) { names.push_back(name); });
  return names;
}

void read_profiles(json::FieldReader& fields, Directory& row) {
  for (auto& [name, rules] : fields.pairs("profiles")) row.profiles.push_back({name, rules, {}});
  for (auto& [name, text] : fields.pairs("profile_descriptions")) {
    const auto found = std::ranges::find(row.profiles, name, &acme::ProfileChoice::name);
    if (found == row.profiles.end()) {
      fields.refuse("profile_descriptions", "there is no profile " + printable(name, 64));
    } else {
      found->description = text;
    }
  }
}

http::Response directory_answer(Directory row, const std::string& name, std::uint64_t version) {
  json::Writer out(2048);
  out.begin_object().field("name", name);
  out.key("profiles").begin_object();
  for (const auto& choice : row.profiles) out.field(choice.name, choice.rules);
  out.end_object().key("profile_descriptions").begin_object();
  for (const auto& choice : row.profiles) {
    if (!choice.description.empty()) out.field(choice.name, choice.description);
  }
  out.end_object();
  visit_fields(row, Writer{out});
  out.field("version", version).end_object();
  return with_version(answer(200, std::move(out)), version);
}

void write_bounds(json::Writer& out, const acme::Bounds& bounds) {
  out.field("names", bounds.names).field("suffixes", bounds.suffixes);
  out.field("networks", bounds.networks).field("profiles", bounds.profiles);
  out.field("max_lifetime", bounds.max_lifetime.count());
  out.field("orders_per_day", bounds.orders_per_day);
  out.field("skip_challenges", bounds.skip_challenges);
}

acme::Bounds read_bounds(json::FieldReader& fields) {
  acme::Bounds bounds;
  const Reader read{fields};
  read("names", bounds.names);
  read("suffixes", bounds.suffixes);
  read("networks", bounds.networks);
  read("profiles", bounds.profiles);
  read("max_lifetime", bounds.max_lifetime);
  read("orders_per_day", bounds.orders_per_day);
  read("skip_challenges", bounds.skip_challenges);
  return bounds;
}

void write_eab(json::Writer& out, std::string_view id, const acme::Eab& row) {
  out.field("kid", id).field("description", row.description);
  out.field("created", rfc3339(row.created));
  if (row.expires) out.field("expires", rfc3339(*row.expires));
  out.field("most_accounts", row.most_accounts).field("accounts", row.accounts);
  out.field("latest_account", row.account).field("revoked", row.revoked);
  out.field("used_up", row.used_up());
  write_bounds(out, row.bounds);
}

void write_account(json::Writer& out, const acme::LoadedAccount& account) {
  const acme::Account& row = account.row;
  out.begin_object().field("id", account.id);
  out.field("status", row.valid() ? "valid" : "deactivated");
  out.field("contact", row.contacts).field("agreed_terms", row.agreed_terms);
  out.field("created", rfc3339(row.created)).field("url", row.url);
  out.field("key_type", crypto::to_string(account.key.type()));
  out.field("thumbprint", row.thumbprint).field("eab", row.eab);
  write_bounds(out, row.bounds);
  out.end_object();
}

void write_order(json::Writer& out, const acme::OrderView& view) {
  const acme::Order& row = view.row.value;
  out.begin_object().field("id", view.id).field("account", acme::owner_of(view.id));
  out.field("status", acme::name(view.status)).field("created", rfc3339(row.created));
  out.field("expires", rfc3339(row.expires)).field("profile", row.profile);
  std::vector<std::string> names;
  for (const acme::Name& name : row.names) names.push_back(name.text());
  out.field("identifiers", names);
  if (!row.serial.empty()) out.field("serial_number", row.serial);
  if (view.error) {
    out.field("problem", view.error.type).field("detail", view.error.detail);
  }
  out.end_object();
}

// page answers with a page of what `list` returns, under `member`; `id` names an item.
template <class List, class Id, class Write>
http::Response page(Call& call, std::string_view member, List list, Id id, Write write) {
  json::FieldReader fields(call.body);
  const std::string after = fields.text("after");
  const std::size_t limit = read_limit(fields, kDefaultPage, kLargestPage);
  if (const auto read = finish_strictly(fields); !read) return failed(call, read.error());
  auto items = list(after, limit + 1);
  if (!items) return failed(call, items.error());
  const bool more = items->size() > limit;
  if (more) items->pop_back();
  json::Writer out;
  out.begin_object().key(member).begin_array();
  std::vector<std::string> names;
  for (const auto& item : *items) {
    write(out, item);
    names.emplace_back(id(item));
  }
  out.end_array();
  return answer(200, end_page(std::move(out), names, more));
}

struct Asked {
  Directory row;
  enrol::ExpectedVersion version;
};

Result<Asked> read_asked(const Call& call) {
  json::FieldReader fields(call.body);
  const std::string name(call.variables.at(0));
  Asked asked;
  visit_fields(asked.row, Reader{fields});
  read_profiles(fields, asked.row);
  if (fields.has("name") && fields.text("name") != name)
    fields.refuse("name", "it differs from the name in the path");
  asked.version = TRY(read_version(call.request, fields));
  (void)fields.has("warnings");
  TRY(finish_strictly(fields, field_names()));
  return asked;
}

}  // namespace

http::Response list_acme_directories(Call& call) {
  const auto acme = core(call);
  if (!acme) return failed(call, acme.error());
  return page(
      call, "acme-directories",
      [&](const std::string& after, std::size_t limit) {
        return (*acme)->directories.list(after, limit);
      },
      [](const std::string& name) { return name; },
      [](json::Writer& out, const std::string& name) {
        out.begin_object().field("name", name).end_object();
      });
}

http::Response show_acme_directory(Call& call) {
  const auto directory = directory_of(call);
  if (!directory) return failed(call, directory.error());
  return directory_answer((*directory)->row, (*directory)->name, (*directory)->version);
}

http::Response write_acme_directory(Call& call) {
  const auto acme = core(call);
  if (!acme) return failed(call, acme.error());
  auto asked = read_asked(call);
  if (!asked) return failed(call, asked.error());
  const auto dry_run = is_dry_run(call);
  if (!dry_run) return failed(call, dry_run.error());
  for (std::string& path : acme::paths_in_mount(asked->row)) {
    const auto allowed = also_allowed(call, access::Action::kUpdate, std::move(path));
    if (!allowed) return failed(call, allowed.error());
  }
  const auto render = [](const Directories::Written& written) {
    return directory_answer(written.row, written.name, written.version);
  };
  Directories& directories = (*acme)->directories;
  if (*dry_run) {
    const auto preview =
        directories.preview(call.variables.at(0), std::move(asked->row), asked->version);
    return preview ? render(*preview) : failed(call, preview.error());
  }
  auto staged = directories.put(*call.grant, call.variables.at(0), std::move(asked->row),
                                asked->version, call.request.request_id);
  if (!staged) return failed(call, staged.error());
  return after_commit(call, *std::move(staged), render);
}

http::Response delete_acme_directory(Call& call) {
  const auto acme = core(call);
  if (!acme) return failed(call, acme.error());
  json::FieldReader fields(call.body);
  if (const auto read = finish_strictly(fields); !read) return failed(call, read.error());
  const auto version = expected_version(call.request);
  if (!version) return failed(call, version.error());
  auto staged = (*acme)->directories.erase(*call.grant, call.variables.at(0), *version,
                                           call.request.request_id);
  if (!staged) return failed(call, staged.error());
  return after_commit(call, *std::move(staged),
                      [](const std::string&) { return http::Response::empty(204); });
}

http::Response list_acme_eabs(Call& call) {
  const auto directory = directory_of(call);
  if (!directory) return failed(call, directory.error());
  return page(
      call, "eabs",
      [&](const std::string& after, std::size_t limit) {
        return call.use.acme->eabs.list((*directory)->scope(), after, limit);
      },
      [](const acme::Eabs::Listed& one) { return one.id; },
      [](json::Writer& out, const acme::Eabs::Listed& one) {
        out.begin_object();
        write_eab(out, one.id, one.row);
        out.end_object();
      });
}

http::Response create_acme_eab(Call& call) {
  const auto directory = directory_of(call);
  if (!directory) return failed(call, directory.error());
  json::FieldReader fields(call.body);
  acme::Eabs::Order order;
  const Reader read{fields};
  read("description", order.description);
  read("lifetime", order.lifetime);
  read("most_accounts", order.most_accounts);
  order.bounds = read_bounds(fields);
  const std::vector<std::string_view> known{
      "description", "lifetime", "most_accounts", "names",          "suffixes",
      "networks",    "profiles", "max_lifetime",  "orders_per_day", "skip_challenges"};
  if (const auto done = finish_strictly(fields, known); !done) return failed(call, done.error());
  auto staged = call.use.acme->eabs.create(*call.grant, **directory, std::move(order),
                                           call.request.request_id);
  if (!staged) return failed(call, staged.error());
  return after_commit(call, *std::move(staged), [](const acme::Eabs::Made& made) {
    json::Writer out;
    out.begin_object();
    write_eab(out, made.id, made.row);
    out.field("hmac_key", made.key).end_object();
    return answer(201, std::move(out)).secret();
  });
}

http::Response revoke_acme_eab(Call& call) {
  const auto directory = directory_of(call);
  if (!directory) return failed(call, directory.error());
  auto staged = call.use.acme->eabs.revoke(*call.grant, **directory, call.variables.at(1),
                                           call.request.request_id);
  if (!staged) return failed(call, staged.error());
  return after_commit(call, *std::move(staged),
                      [](const acme::Eab&) { return http::Response::empty(204); });
}

http::Response list_acme_accounts(Call& call) {
  const auto directory = directory_of(call);
  if (!directory) return failed(call, directory.error());
  return page(
      call, "accounts",
      [&](const std::string& after, std::size_t limit) {
        return call.use.acme->accounts.list((*directory)->scope(), after, limit);
      },
      [](const acme::LoadedAccount& one) { return one.id; }, write_account);
}

http::Response show_acme_account(Call& call) {
  const auto directory = directory_of(call);
  if (!directory) return failed(call, directory.error());
  const auto account = call.use.acme->accounts.find((*directory)->scope(), call.variables.at(1));
  if (!account) return failed(call, account.error());
  if (!*account) return failed(call, {Code::kNotFound, "no such account", {}, {}});
  json::Writer out;
  write_account(out, **account);
  return answer(200, std::move(out));
}

http::Response deactivate_acme_account(Call& call) {
  const auto directory = directory_of(call);
  if (!directory) return failed(call, directory.error());
  auto staged = call.use.acme->accounts.deactivate(*call.grant, **directory, call.variables.at(1),
                                                   call.request.request_id);
  if (!staged) return failed(call, staged.error());
  return after_commit(call, *std::move(staged), [](const acme::LoadedAccount& account) {
    json::Writer out;
    write_account(out, account);
    return answer(200, std::move(out));
  });
}

http::Response list_acme_orders(Call& call) {
  const auto directory = directory_of(call);
  if (!directory) return failed(call, directory.error());
  return page(
      call, "orders",
      [&](const std::string& after, std::size_t limit) {
        return call.use.acme->orders.list_all((*directory)->scope(), after, limit);
      },
      [](const acme::OrderView& one) { return one.id; }, write_order);
}

http::Response list_acme_failures(Call& call) {
  const auto directory = directory_of(call);
  if (!directory) return failed(call, directory.error());
  return page(
      call, "failures",
      [&](const std::string& after, std::size_t limit) {
        return call.use.acme->failures((*directory)->scope(), after, limit);
      },
      [](const Acme::Failed& one) { return one.id; },
      [](json::Writer& out, const Acme::Failed& one) {
        const std::string_view id = one.id;
        out.begin_object().field("account", acme::owner_of(id));
        out.field("identifier", id.substr(acme::owner_of(id).size() + 1));
        out.field("count", one.row.count).field("latest", rfc3339(one.row.latest));
        out.field("detail", one.row.detail).field("paused", one.row.paused.has_value());
        out.end_object();
      });
}

http::Response unpause_acme(Call& call) {
  const auto directory = directory_of(call);
  if (!directory) return failed(call, directory.error());
  json::FieldReader fields(call.body);
  const std::string account = fields.text("account");
  const std::string identifier = fields.text("identifier");
  if (const auto read = finish_strictly(fields, {"account", "identifier"}); !read)
    return failed(call, read.error());
  auto staged = call.use.acme->unpause(*call.grant, **directory, account + "/" + identifier,
                                       call.request.request_id);
  if (!staged) return failed(call, staged.error());
  return after_commit(call, *std::move(staged), [](const std::string&) {
    json::Writer out;
    out.begin_object().end_object();
    return answer(200, std::move(out));
  });
}

http::Response list_acme_renewals(Call& call) {
  const auto directory = directory_of(call);
  if (!directory) return failed(call, directory.error());
  json::FieldReader fields(call.body);
  (void)read_limit(fields, kDefaultPage, kLargestPage);  // there are few: all of them
  if (const auto read = finish_strictly(fields); !read) return failed(call, read.error());
  const auto windows = call.use.acme->renewals.list((*directory)->scope());
  if (!windows) return failed(call, windows.error());
  json::Writer out;
  out.begin_object().key("renewals").begin_array();
  for (const auto& one : *windows) {
    out.begin_object().field("name", one.name).field("start", rfc3339(one.row.start));
    out.field("end", rfc3339(one.row.end)).field("issued_before", rfc3339(one.row.issued_before));
    out.field("suffix", one.row.suffix).field("explanation", one.row.explanation).end_object();
  }
  out.end_array().end_object();
  return answer(200, std::move(out));
}

http::Response write_acme_renewal(Call& call) {
  const auto directory = directory_of(call);
  if (!directory) return failed(call, directory.error());
  json::FieldReader fields(call.body);
  acme::Renewal row;
  const TimePoint now = call.use.clock.now();
  row.start = fields.time("start").value_or(now);
  row.end = fields.time("end").value_or(row.start + seconds{86'400});
  row.issued_before = fields.time("issued_before").value_or(now);
  row.suffix = fields.text("suffix");
  row.explanation = fields.text("explanation");
  if (const auto read =
          finish_strictly(fields, {"start", "end", "issued_before", "suffix", "explanation"});
      !read)
    return failed(call, read.error());
  auto staged = call.use.acme->renewals.put(*call.grant, **directory, call.variables.at(1),
                                            std::move(row), call.request.request_id);
  if (!staged) return failed(call, staged.error());
  return after_commit(call, *std::move(staged), [](const acme::Renewals::Listed& one) {
    json::Writer out;
    out.begin_object().field("name", one.name).field("start", rfc3339(one.row.start));
    out.field("end", rfc3339(one.row.end)).field("issued_before", rfc3339(one.row.issued_before));
    out.field("suffix", one.row.suffix).field("explanation", one.row.explanation).end_object();
    return answer(200, std::move(out));
  });
}

http::Response delete_acme_renewal(Call& call) {
  const auto directory = directory_of(call);
  if (!directory) return failed(call, directory.error());
  auto staged = call.use.acme->renewals.erase(*call.grant, **directory, call.variables.at(1),
                                              call.request.request_id);
  if (!staged) return failed(call, staged.error());
  return after_commit(call, *std::move(staged),
                      [](const std::string&) { return http::Response::empty(204); });
}

}  // namespace chancery::admin
