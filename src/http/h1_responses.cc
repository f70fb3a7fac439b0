#include <algorithm>
#include <array>
#include <charconv>

#include "http/h1_conversation.h"

namespace chancery::http {

namespace {

// Head and body up to this size leave in one piece: one TLS record, one system call.
constexpr std::size_t kOnePiece = 16 * 1024;
// A large body to a fast reader lets others have their turn after this much.
constexpr std::size_t kWriteBudget = 1024 * 1024;
constexpr std::size_t kSendfilePiece = 256 * 1024;

void append_hex(std::string& out, std::size_t number) {
  std::array<char, 16> digits;  // NOLINT: to_chars fills it
  const auto end = std::to_chars(digits.data(), digits.data() + digits.size(), number, 16).ptr;
  out.append(digits.data(), end);
}

}  // namespace

void H1Conversation::send(Response response) {
  ++served_;
  close_after_ = close_after_ || !parser_.head_done() || !parser_.keep_alive() ||
                 worker().draining() || served_ >= limits().max_requests_per_connection;
  response_ = std::move(response);
  transaction_.answered(response_);
  compose();
  flush();
}

void H1Conversation::compose() {
  // The worker's buffer is taken over, and given back when all is written; it is empty while others
  // hold it.
  output_.swap(worker().output());
  output_.clear();
  output_done_ = 0;
  // So that what may be secret is not copied by growing.
  output_.reserve(2 * kOnePiece);
  const auto length = body_size(response_.content());
  framing_ = Framing::kLength;
  if (!length) framing_ = parser_.is_http_1_1() ? Framing::kChunked : Framing::kUntilClose;
  close_after_ = close_after_ || framing_ == Framing::kUntilClose;
  append_head(
      output_, response_,
      {worker().date(), request().request_id, close_after_, length, framing_ == Framing::kChunked});
  body_.start(response_.content(), connection_.worker(), *this);
  body_over_ = !has_body(response_.status()) || request().method == "HEAD";
  if (body_over_) return body_.finish();
  if (!body_.in_memory()) return;
  const std::size_t fits =
      std::min(body_.in_memory()->size(), kOnePiece - std::min(kOnePiece, output_.size()));
  static_cast<void>(body_.take(output_, fits));
  body_over_ = body_.in_memory()->empty();
}

void H1Conversation::flush() {
  std::size_t written = 0;
  while (true) {
    const bool has_output = output_done_ < output_.size();
    if (!has_output && body_over_) return response_sent();
    const bool is_direct = body_.in_memory() || (body_.in_file() && !connection_.client().tls);
    if (!has_output && !is_direct) {
      if (!refill()) return;
      continue;
    }
    net::IoResult result{net::IoStatus::kWantWrite};
    if (written < kWriteBudget) result = write_some();
    if (result.status != net::IoStatus::kDone) {
      state_ = State::kWriting;
      connection_.set_deadline(limits().write_timeout);
      return connection_.wait_for(result.status);
    }
    written += result.bytes;
    worker().count_sent(result.bytes);
  }
}

// write_some writes what is in output_ and, where it can be done without a copy, of the body.
net::IoResult H1Conversation::write_some() {
  net::Stream& stream = connection_.stream();
  const std::string_view output = std::string_view(output_).substr(output_done_);
  if (output.empty() && body_.in_file() != nullptr) {
    const FileRange& file = *body_.in_file();
    const auto count = static_cast<std::size_t>(std::min<std::uint64_t>(file.size, kSendfilePiece));
    const net::IoResult result = stream.send_file(file.file->get(), file.offset, count);
    if (result.status == net::IoStatus::kDone) body_.skip(result.bytes);
    body_over_ = body_.in_file()->size == 0;
    return result;
  }
  const std::string_view rest = body_over_ ? "" : body_.in_memory().value_or("");
  const net::IoResult result = stream.write(output, rest);
  if (result.status != net::IoStatus::kDone) return result;
  const std::size_t of_output = std::min(result.bytes, output.size());
  output_done_ += of_output;
  if (result.bytes > of_output) body_.skip(result.bytes - of_output);
  if (body_.in_memory() && body_.in_memory()->empty()) body_over_ = true;
  return result;
}

// refill puts the next piece of a file or a source into output_; false when there is none now.
bool H1Conversation::refill() {
  output_.clear();
  output_done_ = 0;
  const BodyReader::Piece piece = body_.prepare(kOnePiece);
  if (piece.status == BodyReader::Status::kFailed) {
    break_off(body_.failure());
    return false;
  }
  if (piece.status == BodyReader::Status::kNotYet) {
    state_ = State::kStreaming;
    connection_.no_deadline();
    wait_for_source();
    return false;
  }
  const bool is_chunked = framing_ == Framing::kChunked && piece.bytes > 0;
  if (is_chunked) {
    append_hex(output_, piece.bytes);
    output_ += "\r\n";
  }
  if (const auto taken = body_.take(output_, piece.bytes); !taken) {
    break_off(taken.error());
    return false;
  }
  if (is_chunked) output_ += "\r\n";
  if (piece.last && framing_ == Framing::kChunked) output_ += "0\r\n\r\n";
  body_over_ = piece.last;
  return true;
}

// break_off ends the connection without the end of the body, so that the client can tell.
void H1Conversation::break_off(const Error& error) {
  transaction_.broken_off(error);
  connection_.close();
}

void H1Conversation::response_sent() {
  transaction_.finished(body_.taken(), true);
  body_.finish();
  if (response_.is_secret()) wipe(output_);
  if (output_.capacity() > worker().output().capacity()) output_.swap(worker().output());
  // An idle connection holds no buffer.
  std::string().swap(output_);
  worker().output().clear();
  response_ = Response();
  if (close_after_) return connection_.linger();
  await_request();
}

}  // namespace chancery::http
