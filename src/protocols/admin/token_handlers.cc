#include "base/text.h"
#include "protocols/admin/handlers.h"
#include "protocols/admin/strict.h"

// Tokens. They are named by their accessors: a token is shown to whom it is made for, and to
// nobody again.

namespace chancery::admin {
namespace {

using access::Tokens;

constexpr std::size_t kDefaultPage = 100;
constexpr std::size_t kLargestPage = 1000;

void write_life(json::Writer& out, const Clock& clock, const access::Token& token) {
  out.key("expires");
  if (token.expires) {
    out.string(rfc3339(*token.expires));
  } else {
    out.null();
  }
  const seconds left = token.expires ? *token.expires - clock.now() : seconds{0};
  out.field("ttl", left.count()).field("renewable", token.renewable);
}

void write_token(json::Writer& out, const Call& call, const Tokens::Found& found) {
  const access::Token& token = *found.token;
  out.begin_object().field("accessor", token.accessor).field("display_name", token.display_name);
  out.field("path", token.path).field("policies", token.policies).key("metadata").begin_object();
  for (const auto& [name, value] : token.metadata) out.field(name, value);
  out.end_object().field("created", rfc3339(token.created));
  write_life(out, call.use.clock, token);
  out.field("orphan", found.orphan).field("num_uses", found.uses_left);
}

Result<Tokens::Order> read_order(const Call& call) {
  json::FieldReader fields(call.body);
  Tokens::Order order;
  order.policies = fields.list("policies");
  order.display_name = "token";
  if (const std::string name = fields.text("display_name"); !name.empty())
    order.display_name += "-" + name;
  order.metadata = fields.pairs("metadata");
  order.ttl = fields.duration("ttl");
  order.explicit_max_ttl = fields.duration("explicit_max_ttl");
  order.period = fields.duration("period");
  const std::int64_t uses = fields.integer("num_uses");
  if (uses < 0 || uses > UINT32_MAX) fields.refuse("num_uses", "out of range");
  order.uses = static_cast<std::uint32_t>(uses);
  order.renewable = fields.flag("renewable", true);
  order.orphan = fields.flag("orphan");
  order.no_default_policy = fields.flag("no_default_policy");
  for (const seconds one : {order.ttl, order.explicit_max_ttl, order.period})
    if (one.count() < 0) fields.refuse("ttl", "a length of time is not negative");
  TRY(finish_strictly(fields));
  order.path = order.orphan ? "auth/token/create-orphan" : "auth/token/create";
  const auto mount = call.use.methods.mounts.find(access::MountKind::kAuth, "token");
  if (!mount) return order;
  const auto limits = access::Mounts::ttl_limits(*mount);
  order.default_ttl = limits.default_ttl;
  order.max_ttl = limits.max_ttl;
  return order;
}

// The token that a body names.
Result<Tokens::Found> named(const Call& call, json::FieldReader& fields) {
  const std::string accessor = fields.text("accessor");
  if (accessor.empty()) fields.refuse("accessor", "say which token");
  TRY(finish_strictly(fields));
  auto found = call.use.tokens.by_accessor(accessor);
  if (found || found.error().code != Code::kNotFound) return found;
  return std::unexpected(
      Error{Code::kNotFound, "no token has this accessor", {}, {}}.with("field", "accessor"));
}

}  // namespace

http::Response list_tokens(Call& call) {
  json::FieldReader fields(call.body);
  const std::string after = fields.text("after");
  const std::size_t limit = read_limit(fields, kDefaultPage, kLargestPage);
  if (const auto read = finish_strictly(fields); !read) return failed(call, read.error());
  auto accessors = call.use.tokens.accessors(after, limit + 1);
  if (!accessors) return failed(call, accessors.error());
  const bool more = accessors->size() > limit;
  if (more) accessors->pop_back();
  json::Writer out;
  out.begin_object().field("accessors", *accessors);
  return answer(200, end_page(std::move(out), *accessors, more));
}

http::Response create_token(Call& call) {
  auto order = read_order(call);
  if (!order) return failed(call, order.error());
  const bool sudo = call.principal->acl->has_sudo(order->path);
  auto staged = call.use.tokens.create(*call.grant, *call.caller, sudo, *std::move(order),
                                       call.request.request_id);
  if (!staged) return failed(call, staged.error());
  return after_commit(
      call, *std::move(staged), [&clock = call.use.clock](const Tokens::Made& made) {
        const access::Token& token = made.token.token;
        json::Writer out(4096);  // so that the token is written in one place only
        out.begin_object().field("token", made.token.secret).field("accessor", token.accessor);
        out.field("policies", token.policies);
        write_life(out, clock, token);
        out.field("warnings", made.warnings).end_object();
        return answer(201, std::move(out)).secret();
      });
}

http::Response show_token(Call& call) {
  json::FieldReader fields(call.body);
  const auto found = named(call, fields);
  if (!found) return failed(call, found.error());
  json::Writer out(1024);
  write_token(out, call, *found);
  out.end_object();
  return answer(200, std::move(out));
}

http::Response renew_token(Call& call) {
  json::FieldReader fields(call.body);
  const seconds increment = fields.duration("increment");
  const auto found = named(call, fields);
  if (!found) return failed(call, found.error());
  const auto mount = call.use.methods.mounts.by_storage(found->token->source);
  if (mount && mount->type == "cert") {
    return failed(call, Error{Code::kUnsupported,
                              "this token is renewed by whoever holds its certificate, over the "
                              "connection that shows it",
                              {},
                              {}});
  }
  auto staged = call.use.tokens.renew(*call.grant, *found, increment, call.request.request_id);
  if (!staged) return failed(call, staged.error());
  return after_commit(call, *std::move(staged), [](const Tokens::Renewed& renewed) {
    json::Writer out(256);
    out.begin_object().field("accessor", renewed.token.token->accessor);
    out.field("ttl", renewed.ttl.count()).field("warnings", renewed.warnings).end_object();
    return answer(200, std::move(out));
  });
}

http::Response revoke_token(Call& call) {
  json::FieldReader fields(call.body);
  const auto found = named(call, fields);
  if (!found) return failed(call, found.error());
  auto staged =
      call.use.tokens.revoke(*call.grant, *found, Tokens::Children::kDie, call.request.request_id);
  if (!staged) return failed(call, staged.error());
  return after_commit(call, *std::move(staged), [](bool) {
    json::Writer out(64);
    out.begin_object().field("revoked", true).end_object();
    return answer(200, std::move(out));
  });
}

}  // namespace chancery::admin
