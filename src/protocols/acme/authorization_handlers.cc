#include <algorithm>

#include "acme/names.h"
#include "base/text.h"
#include "protocols/acme/documents.h"
#include "protocols/acme/fields.h"
#include "protocols/acme/handlers.h"

namespace chancery::acme {
namespace {

Result<AuthorizationView> own_authorization(const Call& call) {
  if (call.variables.at(0) != call.account->id) {
    return refuse("unauthorized", "this authorization is another account's",
                  Code::kPermissionDenied);
  }
  const std::string id = call.account->id + "/" + std::string(call.variables.at(1));
  auto found = TRY(call.acme.orders.find_authorization(call.scope(), id));
  if (!found) return refuse("malformed", "there is no such authorization", Code::kNotFound);
  return *std::move(found);
}

Result<std::size_t> challenge_of(const AuthorizationView& view, std::string_view type) {
  const auto& challenges = view.row.value.challenges;
  const auto method = validation::parse_method(type);
  for (std::size_t i = 0; method && i < challenges.size(); ++i) {
    if (challenges[i].kind() == *method) return i;
  }
  return refuse("malformed", "the authorization has no such challenge", Code::kNotFound);
}

}  // namespace

http::Response new_authorization(Call& call) {
  if (!call.directory->row.pre_authorization) {
    return failed(call, make_refusal("malformed", "this directory authorizes by orders only",
                                     Code::kNotFound));
  }
  const jose::Json* const identifier = call.payload->find("identifier");
  const std::string* const type = identifier ? identifier->string("type") : nullptr;
  const std::string* const value = identifier ? identifier->string("value") : nullptr;
  if (type == nullptr || value == nullptr) {
    return failed(call, malformed("\"identifier\" has two texts, \"type\" and \"value\"").error());
  }
  const auto name = read_name(*type, *value);
  if (!name) return failed(call, name.error());
  if (name->wildcard) {
    return failed(call, malformed("wildcards are authorized by orders only").error());
  }
  const auto problems = call.acme.orders.check(*call.directory, *call.account, {*name});
  if (!problems) return failed(call, problems.error());
  if (!problems->empty())
    return failed(call, make_refusal(problems->front().type, problems->front().detail), *problems);
  auto staged =
      call.acme.orders.authorize(*call.directory, *call.account, *name, call.request.request_id);
  if (!staged) return failed(call, staged.error());
  return after_commit(call, *std::move(staged), [](const Call& c, const AuthorizationView& view) {
    return authorization_answer(c, 201, view);
  });
}

http::Response update_authorization(Call& call) {
  const auto view = own_authorization(call);
  if (!view) return failed(call, view.error());
  if (!call.payload) return authorization_answer(call, 200, *view);
  const auto status = text_field(*call.payload, "status");
  if (!status) return failed(call, status.error());
  if (*status != "deactivated") {
    return failed(
        call, malformed("the status of an authorization can be set to \"deactivated\"").error());
  }
  auto staged = call.acme.orders.deactivate(*call.directory, *view, call.request.request_id);
  if (!staged) return failed(call, staged.error());
  return after_commit(call, *std::move(staged), [](const Call& c, const AuthorizationView& after) {
    return authorization_answer(c, 200, after);
  });
}

http::Response answer_challenge(Call& call) {
  const auto view = own_authorization(call);
  if (!view) return failed(call, view.error());
  const auto index = challenge_of(*view, call.variables.at(2));
  if (!index) return failed(call, index.error());
  if (!call.payload) return challenge_answer(call, *view, *index);
  auto staged = call.acme.orders.start(*call.directory, *view, *index);
  if (!staged) return failed(call, staged.error());
  return after_commit(call, *std::move(staged),
                      [index = *index](const Call& c, const AuthorizationView& started) {
                        // Also when it waits for its next attempt: the client knows of a change.
                        if (started.row.value.challenges.at(index).state() == Status::kProcessing)
                          c.acme.validations.add(*c.directory, started.id);
                        return challenge_answer(c, started, index);
                      });
}

}  // namespace chancery::acme
