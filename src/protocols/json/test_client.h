#pragma once

// Runs requests through an application as the server would, without sockets; for tests only.

#include <doctest/doctest.h>

#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>
#include <optional>
#include <string>
#include <vector>

#include "base/ticket.h"
#include "http/site.h"

namespace chancery::json {

struct Answer {
  unsigned status = 0;
  std::string body;
  std::string type;
  std::vector<http::Header> headers;
  std::vector<http::Lane> lanes;  // where the handler asked to run

  [[nodiscard]] boost::json::object object() const { return boost::json::parse(body).as_object(); }
  // at reads a value by its JSON pointer: at("/data/serial_number").
  [[nodiscard]] boost::json::value at(std::string_view pointer) const {
    boost::json::error_code code;
    const boost::json::value document = boost::json::parse(body);
    const auto* found = document.find_pointer({pointer.data(), pointer.size()}, code);
    return found == nullptr ? boost::json::value("(absent)") : *found;
  }
  [[nodiscard]] std::string header(std::string_view name) const {
    for (const http::Header& one : headers) {
      if (one.name == name) return one.value;
    }
    return {};
  }
  [[nodiscard]] std::string text(std::string_view pointer) const {
    const boost::json::value value = at(pointer);
    return value.is_string() ? std::string(value.get_string()) : boost::json::serialize(value);
  }
};

class TestClient {
 public:
  TestClient(http::Application& application, std::string prefix)
      : application_(application), prefix_(std::move(prefix)) {}

  std::string token;
  std::vector<http::Header> headers;

  Answer get(std::string_view path) { return send("GET", path); }
  Answer post(std::string_view path, std::string_view body) { return send("POST", path, body); }

  // send takes a path with an optional query that has nothing to decode.
  Answer send(std::string_view method, std::string_view path, std::string_view body = {}) {
    http::Request request;
    request.method = method;
    request.target = prefix_ + std::string(path);
    const std::size_t question = request.target.find('?');
    request.path = request.target.substr(0, question);
    if (question != std::string::npos) read_query(request, question + 1);
    request.headers = headers;
    if (!token.empty()) request.headers.push_back({"Authorization", "Bearer " + token});
    request.body = body;
    request.request_id = "11111111-2222-4333-8444-555555555555";
    request.peer_address = "127.0.0.1";
    return run(request);
  }

  Answer run(const http::Request& request) {
    Answer answer;
    std::optional<http::Lane> lane;
    bool paid = false;
    for (unsigned attempt = 0; attempt < 10;) {
      http::Context context(lane, lane ? &outside_ : nullptr, attempt, paid);
      http::Response response = application_.handle(request, context);
      paid = context.paid();
      if (const auto* wanted = std::get_if<http::Lane>(&response.continuation())) {
        REQUIRE(lane != *wanted);
        lane = *wanted;
        answer.lanes.push_back(*wanted);
        continue;
      }
      bool again = false;
      while (!again && std::holds_alternative<http::Response::Pending>(response.continuation())) {
        auto continuation = std::move(response).continuation();
        auto& pending = std::get<http::Response::Pending>(continuation);
        const auto receipt = pending.ticket.wait(outside_);
        again =
            pending.reruns && !receipt && receipt.error().code == Code::kConflict && ++attempt < 3;
        if (!again) response = pending.render(receipt);
      }
      if (!again) return finish(std::move(answer), response);
    }
    FAIL("the handler does not come to an end");
    return answer;
  }

 private:
  static Answer finish(Answer answer, const http::Response& response) {
    answer.status = response.status();
    answer.body = as_text(response.body());
    answer.headers = response.headers();
    for (const http::Header& header : answer.headers) {
      if (header.name == "Content-Type") answer.type = header.value;
    }
    return answer;
  }

  static void read_query(http::Request& request, std::size_t at) {
    std::string_view rest = std::string_view(request.target).substr(at);
    while (!rest.empty()) {
      const std::string_view pair = rest.substr(0, rest.find('&'));
      rest.remove_prefix(std::min(rest.size(), pair.size() + 1));
      const std::size_t equals = pair.find('=');
      request.query.push_back({std::string(pair.substr(0, equals)),
                               equals == pair.npos ? "" : std::string(pair.substr(equals + 1))});
    }
  }

  http::Application& application_;
  const std::string prefix_;
  const OnLane outside_ = OnLane::outside_server();
};

}  // namespace chancery::json
