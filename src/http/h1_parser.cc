// The only file that sees Boost.Beast. Beast reads the grammar; what it lets through and must not
// be is refused here: folded lines, bare line feeds, lists and repetitions in the framing headers,
// a missing Host.
#include "http/h1_parser.h"

#include <algorithm>
#include <boost/asio/buffer.hpp>
#include <boost/beast/http/basic_parser.hpp>
#include <boost/beast/http/error.hpp>
#include <limits>
#include <optional>

#include "base/text.h"

namespace chancery::http {

namespace {

namespace beast = boost::beast;
using ErrorCode = beast::error_code;
using Failure = H1Parser::Failure;

constexpr std::size_t kMaxBodyReserve = 64 * 1024;
constexpr std::size_t kShortestEnd = 5;

std::string_view view(beast::string_view text) { return {text.data(), text.size()}; }

bool is_control(char c) { return static_cast<unsigned char>(c) < 0x20 || c == 0x7f; }

// Characters of uri-host and port (RFC 3986, 3.2.2), escapes included.
bool is_host(std::string_view host) {
  return !host.empty() && std::ranges::all_of(host, [](char c) {
    return (c >= '0' && c <= '9') || (to_lower(c) >= 'a' && to_lower(c) <= 'z') ||
           std::string_view("-._~%!$&'()*+,;=:[]").find(c) != std::string_view::npos;
  });
}

// Up to 18 digits, so that no reader can overflow.
bool is_plain_number(std::string_view text) {
  return !text.empty() && text.size() <= 18 &&
         std::ranges::all_of(text, [](char c) { return c >= '0' && c <= '9'; });
}

Failure failure_of(const ErrorCode& code) {
  using beast::http::error;
  if (code == error::body_limit) return {413, "the body is too large"};
  if (code == error::header_limit) return {431, "the headers are too large"};
  if (code == error::bad_version) return {505, "the HTTP version is not supported"};
  if (code == error::bad_method) return {400, "the request line has an invalid method"};
  if (code == error::bad_target) return {400, "the request line has an invalid target"};
  if (code == error::bad_field) return {400, "a header has an invalid name"};
  if (code == error::bad_value) return {400, "a header has an invalid value"};
  if (code == error::bad_content_length || code == error::multiple_content_length) {
    return {400, "the Content-Length header is invalid"};
  }
  if (code == error::bad_transfer_encoding) return {400, "the Transfer-Encoding header is invalid"};
  if (code == error::bad_chunk || code == error::bad_chunk_extension)
    return {400, "the chunked body is invalid"};
  return {400, "the request is malformed"};
}

// Message is Beast's parser for one message; it writes into our Request.
class Message final : public beast::http::basic_parser<true> {
 public:
  Message(Request& request, const ParserLimits& limits) : request_(request), limits_(limits) {
    header_limit(static_cast<std::uint32_t>(std::min<std::size_t>(
        limits.max_header_bytes + 1, std::numeric_limits<std::uint32_t>::max())));
    body_limit(limits.max_body_bytes);
  }

  [[nodiscard]] const std::optional<Failure>& failure() const { return failure_; }
  [[nodiscard]] bool expects_continue() const { return expects_continue_; }
  [[nodiscard]] bool is_http_1_1() const { return version_ == 11; }

 private:
  void refuse(ErrorCode& error, Failure failure) {
    failure_ = failure;
    error = beast::http::error::bad_value;
  }

  void on_request_impl(beast::http::verb, beast::string_view method, beast::string_view target,
                       int version, ErrorCode&) override {
    request_.method = view(method);
    request_.target = view(target);
    version_ = version;
  }
  void on_response_impl(int, beast::string_view, int, ErrorCode&) override {}

  void on_field_impl(beast::http::field field, beast::string_view name, beast::string_view value,
                     ErrorCode& error) override {
    // Trailers come after the body has begun.
    if (in_body_) return;
    if (request_.headers.size() >= limits_.max_headers)
      return refuse(error, {431, "there are too many headers"});
    check_framing(field, view(value), error);
    if (!error) request_.headers.push_back({std::string(name), std::string(value)});
  }

  void check_framing(beast::http::field field, std::string_view value, ErrorCode& error) {
    switch (field) {
      case beast::http::field::host:
        if (++hosts_ > 1 || !is_host(value)) refuse(error, {400, "the Host header is invalid"});
        break;
      case beast::http::field::content_length:
        if (++lengths_ > 1 || encodings_ > 0 || !is_plain_number(value)) {
          refuse(error, {400, "the Content-Length header is invalid"});
        }
        break;
      case beast::http::field::transfer_encoding:
        if (++encodings_ > 1 || lengths_ > 0 || !is_http_1_1() ||
            !equal_ignoring_case(value, "chunked")) {
          refuse(error, {400, "the Transfer-Encoding header is invalid"});
        }
        break;
      case beast::http::field::expect:
        if (!is_http_1_1()) break;
        expects_continue_ = equal_ignoring_case(value, "100-continue");
        if (!expects_continue_)
          refuse(error, {417, "the Expect header asks for something unknown"});
        break;
      default:
        break;
    }
  }

  void on_header_impl(ErrorCode& error) override {
    if (is_http_1_1() && hosts_ == 0) refuse(error, {400, "the Host header is missing"});
  }

  void on_body_init_impl(const boost::optional<std::uint64_t>& length, ErrorCode&) override {
    in_body_ = true;
    if (length) request_.body.reserve(std::min<std::size_t>(*length, kMaxBodyReserve));
  }
  std::size_t on_body_impl(beast::string_view piece, ErrorCode&) override {
    request_.body.append(piece.data(), piece.size());
    return piece.size();
  }
  void on_chunk_header_impl(std::uint64_t, beast::string_view extension,
                            ErrorCode& error) override {
    if (std::ranges::any_of(extension, is_control))
      refuse(error, {400, "the chunked body is invalid"});
  }
  std::size_t on_chunk_body_impl(std::uint64_t, beast::string_view piece,
                                 ErrorCode& error) override {
    return on_body_impl(piece, error);
  }
  void on_finish_impl(ErrorCode&) override {}

  Request& request_;
  const ParserLimits& limits_;
  std::optional<Failure> failure_;
  int version_ = 0;
  int hosts_ = 0;
  int lengths_ = 0;
  int encodings_ = 0;
  bool expects_continue_ = false;
  bool in_body_ = false;
};

// Whether the unread rest of a chunked body begins with the whole line of a chunk that is not the
// last (the CRLF behind the chunk before it may stand first).
bool begins_with_chunk_line(std::string_view rest) {
  if (rest.starts_with("\r\n")) rest.remove_prefix(2);
  const std::string_view line = rest.substr(0, rest.find('\n'));
  const std::size_t digit = line.find_first_not_of('0');
  return line.size() < rest.size() && digit < line.size() &&
         std::string_view("123456789abcdef").contains(to_lower(line[digit]));
}

// HeadScan looks for the end of the head, line by line, and refuses what Beast would be too kind
// to.
class HeadScan {
 public:
  // Returns the length of the head, or 0 when it is not complete yet.
  std::size_t find_end(std::string_view data, std::optional<Failure>& failure) {
    while (true) {
      const std::size_t feed = data.find('\n', scanned_);
      if (feed == std::string_view::npos) {
        scanned_ = data.size();
        return 0;
      }
      if (feed == 0 || data[feed - 1] != '\r') {
        failure = {400, "a line does not end in CRLF"};
        return 0;
      }
      const bool is_empty = feed - line_ == 1;
      if ((is_empty && line_ == 0) || data[line_] == ' ' || data[line_] == '\t') {
        failure = {400, "a line begins with white space, or the request with an empty line"};
        return 0;
      }
      line_ = scanned_ = feed + 1;
      if (is_empty) return line_;
    }
  }

 private:
  std::size_t scanned_ = 0;
  std::size_t line_ = 0;  // where the current line begins
};

}  // namespace

struct H1Parser::State {
  explicit State(const ParserLimits& parser_limits) : limits(parser_limits) {}

  ParserLimits limits;
  std::optional<Message> message;
  HeadScan scan;
  Failure failure;
  bool started = false;
  bool body_seen = false;

  Step fail(Failure why) {
    failure = why;
    return Step::kFailed;
  }

  Step put(std::string_view data, std::size_t& consumed) {
    ErrorCode error;
    consumed = message->put(boost::asio::const_buffer(data.data(), data.size()), error);
    if (message->failure()) return fail(*message->failure());
    if (error && error != beast::http::error::need_more) return fail(failure_of(error));
    return Step::kMore;
  }

  Step feed_head(std::string_view data, std::size_t& consumed) {
    if (data.empty()) return Step::kMore;
    started = true;
    std::optional<Failure> refusal;
    const std::size_t end = scan.find_end(data, refusal);
    if (refusal) return fail(*refusal);
    if (end > limits.max_header_bytes || (end == 0 && data.size() > limits.max_header_bytes)) {
      return fail({431, "the headers are too large"});
    }
    if (end == 0) return Step::kMore;
    if (put(data.substr(0, end), consumed) == Step::kFailed) return Step::kFailed;
    if (!message->is_header_done()) return fail({400, "the request is malformed"});
    message->eager(true);
    return Step::kHead;
  }

  Step feed_body(std::string_view data, std::size_t& consumed) {
    if (message->is_done()) return Step::kDone;
    // Beast takes for granted that it sees the shortest end of a chunked body ("0", CRLF, CRLF) at
    // once; less cannot complete anything anyway.
    if (data.empty() || (message->chunked() && data.size() < kShortestEnd)) return Step::kMore;
    body_seen = true;
    if (put(data, consumed) == Step::kFailed) return Step::kFailed;
    if (message->is_done()) return Step::kDone;
    // What is left over is the line of a chunk size or trailers that do not end. A line that is
    // there and was not taken has an extension with a quote that it does not close; Beast would
    // wait for that, and count the chunk against the limit of the body each time.
    if (data.size() - consumed > limits.max_header_bytes ||
        begins_with_chunk_line(data.substr(consumed)))
      return fail({400, "the chunked body is invalid"});
    return Step::kMore;
  }
};

H1Parser::H1Parser(const ParserLimits& limits) : state_(std::make_unique<State>(limits)) {}
H1Parser::~H1Parser() = default;

void H1Parser::start(Request& request) {
  request.method.clear();
  request.target.clear();
  request.path.clear();
  request.query.clear();
  request.headers.clear();
  request.body.clear();
  state_->message.emplace(request, state_->limits);
  state_->scan = HeadScan();
  state_->started = false;
  state_->body_seen = false;
}

H1Parser::Step H1Parser::feed(std::string_view data, std::size_t& consumed) {
  consumed = 0;
  return state_->message->is_header_done() ? state_->feed_body(data, consumed)
                                           : state_->feed_head(data, consumed);
}

bool H1Parser::started() const { return state_->started; }
bool H1Parser::head_done() const { return state_->message->is_header_done(); }
bool H1Parser::is_http_1_1() const { return state_->message->is_http_1_1(); }
bool H1Parser::has_body() const { return !state_->message->is_done() || state_->body_seen; }
bool H1Parser::keep_alive() const {
  return state_->message->is_http_1_1() && state_->message->keep_alive();
}
bool H1Parser::expects_continue() const {
  return state_->message->expects_continue() && !state_->message->is_done() && !state_->body_seen;
}
const H1Parser::Failure& H1Parser::failure() const { return state_->failure; }

}  // namespace chancery::http
