#include "base/text.h"
#include "protocols/json/token_settings_fields.h"
#include "protocols/vault/envelope.h"
#include "protocols/vault/handlers.h"
#include "protocols/vault/login_answer.h"
#include "protocols/vault/page.h"
#include "protocols/vault/warnings.h"

// auth/userpass.

namespace chancery::vault {
namespace {

using access::User;
using Users = access::Rows<User>;

constexpr std::size_t kMostUsers = 100'000;

Error bad_request(std::string_view field, std::string_view detail) {
  return Error{Code::kInvalidArgument, std::string(detail), {}, {}}.with("field", field);
}

// Hashing a password takes long: the cpu lane is for that.
bool on_cpu_lane(const Call& call) { return call.context.on(http::Lane::kCpu); }

std::string user_of(const Call& call) { return to_lower(call.variable()); }

// read_password takes the password; a hash made elsewhere is refused, for it would be bcrypt's.
Result<std::string> read_password(json::FieldReader& fields) {
  const std::string password = fields.text("password");
  if (fields.text("password_hash").empty()) return password;
  return std::unexpected(bad_request(
      "password_hash", "passwords are kept as Argon2id here: give the password itself"));
}

http::Response put(Call& call, std::string_view password,
                   const std::function<Result<void>(User&)>& change) {
  auto staged = call.use.methods.users.put(
      *call.grant, call.scope(), call.variable(), password,
      [&](User& user, Users::State) { return change(user); }, call.request.request_id);
  if (!staged) return failed(call, staged.error());
  return after_commit(call, *std::move(staged), [](const User&) { return no_content(); });
}

// absent_user answers for a path below a user that is not there; nothing when it is.
std::optional<http::Response> absent_user(Call& call) {
  const auto user = call.use.methods.users.rows().find(call.scope(), user_of(call));
  if (!user) return failed(call, user.error());
  if (*user) return std::nullopt;
  return failed(call, core_error(Code::kInvalidArgument, "username does not exist"));
}

}  // namespace

http::Response userpass_login(Call& call) {
  if (!on_cpu_lane(call)) return http::Response::run_on(http::Lane::kCpu);
  json::FieldReader fields(call.body);
  const std::string password = fields.text("password");
  if (const auto rest = fields.finish(); !rest) return failed(call, field_error(rest.error()));
  return answer_login(call,
                      call.use.methods.users.log_in(login_of(call), call.variable(), password));
}

http::Response list_users(Call& call) {
  const auto page = read_page(call.body, kMostUsers);
  if (!page) return failed(call, field_error(page.error()));
  const auto names = call.use.methods.users.rows().list(call.scope(), page->after, page->limit);
  if (!names) return failed(call, names.error());
  return names_answer(call.request.request_id, *names);
}

http::Response read_user(Call& call) {
  const auto user = call.use.methods.users.rows().find(call.scope(), user_of(call));
  if (!user) return failed(call, user.error());
  if (!*user) return absent();
  Envelope answer(call.request.request_id);
  write_token_settings(answer.data().begin_object(), (*user)->token);
  answer.data().end_object();
  return std::move(answer).finish();
}

http::Response write_user(Call& call) {
  if (!on_cpu_lane(call)) return http::Response::run_on(http::Lane::kCpu);
  json::FieldReader fields(call.body);
  static_cast<void>(fields.text("username"));
  const auto password = read_password(fields);
  if (!password) return failed(call, password.error());
  return put(call, *password, [&](User& user) -> Result<void> {
    TRY(read_token_settings(fields, user.token));
    TRY(fields.finish());
    return {};
  });
}

http::Response delete_user(Call& call) {
  auto staged = call.use.methods.users.rows().erase(*call.grant, call.scope(), user_of(call),
                                                    call.request.request_id);
  if (!staged) return failed(call, staged.error());
  return after_commit(call, *std::move(staged), [](bool) { return no_content(); });
}

http::Response write_user_password(Call& call) {
  if (!on_cpu_lane(call)) return http::Response::run_on(http::Lane::kCpu);
  if (auto gone = absent_user(call)) return *std::move(gone);
  json::FieldReader fields(call.body);
  static_cast<void>(fields.text("username"));
  const auto password = read_password(fields);
  if (!password) return failed(call, password.error());
  if (const auto rest = fields.finish(); !rest) return failed(call, field_error(rest.error()));
  if (password->empty())
    return failed(call, bad_request("password", "must provide either password or password_hash"));
  return put(call, *password, [](User&) -> Result<void> { return {}; });
}

http::Response write_user_policies(Call& call) {
  if (auto gone = absent_user(call)) return *std::move(gone);
  json::FieldReader fields(call.body);
  static_cast<void>(fields.text("username"));
  return put(call, {}, [&](User& user) -> Result<void> {
    access::TokenSettings settings = user.token;
    TRY(read_token_settings(fields, settings));
    TRY(fields.finish());
    user.token.policies = settings.policies;
    user.token.old_names = settings.old_names;
    return {};
  });
}

}  // namespace chancery::vault
