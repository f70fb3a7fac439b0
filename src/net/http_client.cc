#include "net/http_client.h"

#include <curl/curl.h>

#include <array>
#include <memory>
#include <optional>
#include <string_view>

#include "base/text.h"

namespace chancery::net {

namespace {

constexpr int kMaxRedirects = 5;
constexpr std::size_t kMaxHeaderBytes = 256 * 1024;

struct EasyDeleter {
  void operator()(CURL* easy) const { curl_easy_cleanup(easy); }
};
struct ListDeleter {
  void operator()(curl_slist* list) const { curl_slist_free_all(list); }
};
struct UrlDeleter {
  void operator()(CURLU* url) const { curl_url_cleanup(url); }
};
using Easy = std::unique_ptr<CURL, EasyDeleter>;
using HeaderList = std::unique_ptr<curl_slist, ListDeleter>;
using Url = std::unique_ptr<CURLU, UrlDeleter>;

// What the callbacks fill.
struct Incoming {
  HttpResponse response;
  std::size_t max_body = 0;
  std::size_t header_bytes = 0;
  bool too_large = false;
  CURL* easy = nullptr;
  const HttpRequest* request = nullptr;
  std::optional<Error> refused;  // by the request's sink
};

bool is_success(CURL* easy) {
  long status = 0;
  curl_easy_getinfo(easy, CURLINFO_RESPONSE_CODE, &status);
  return status >= 200 && status <= 299;
}

void tell_progress(const Incoming& in) {
  if (!in.request->progress) return;
  curl_off_t total = 0;
  curl_easy_getinfo(in.easy, CURLINFO_CONTENT_LENGTH_DOWNLOAD_T, &total);
  in.request->progress(in.response.body.size(), total > 0 ? static_cast<std::uint64_t>(total) : 0);
}

std::size_t take_body(char* data, std::size_t size, std::size_t count, void* user) {
  auto& in = *static_cast<Incoming*>(user);
  const std::size_t n = size * count;
  if (in.request->sink && is_success(in.easy)) {
    auto taken = in.request->sink(std::string_view(data, n));
    if (taken) return n;
    in.refused = std::move(taken).error();
    return 0;
  }
  if (n > in.max_body - in.response.body.size()) {
    in.too_large = true;
    return 0;
  }
  in.response.body.append(data, n);
  tell_progress(in);
  return n;
}

std::size_t take_header(char* data, std::size_t size, std::size_t count, void* user) {
  auto& in = *static_cast<Incoming*>(user);
  const std::size_t n = size * count;
  in.header_bytes += n;
  if (in.header_bytes > kMaxHeaderBytes) {
    in.too_large = true;
    return 0;
  }
  const std::string_view line = trim(std::string_view(data, n));
  if (line.starts_with("HTTP/")) {
    // A new response begins, after "100 Continue" for one.
    in.response.headers.clear();
    return n;
  }
  const std::size_t colon = line.find(':');
  if (colon != std::string_view::npos) {
    in.response.headers.emplace_back(line.substr(0, colon), trim(line.substr(colon + 1)));
  }
  return n;
}

struct Origin {
  std::string scheme;
  std::string host;
  std::string port;
  bool operator==(const Origin&) const = default;
};

std::string part(CURLU* url, CURLUPart what) {
  char* text = nullptr;
  if (curl_url_get(url, what, &text, CURLU_DEFAULT_PORT) != CURLUE_OK) return {};
  std::string out = to_lower(text);
  curl_free(text);
  return out;
}

Result<Origin> origin_of(const std::string& text) {
  const Url url(curl_url());
  if (!url || curl_url_set(url.get(), CURLUPART_URL, text.c_str(), 0) != CURLUE_OK) {
    return fail(Code::kInvalidArgument, "not a URL");
  }
  Origin out{part(url.get(), CURLUPART_SCHEME), part(url.get(), CURLUPART_HOST),
             part(url.get(), CURLUPART_PORT)};
  if (out.scheme != "http" && out.scheme != "https") {
    return fail(Code::kInvalidArgument, "the URL is neither http nor https");
  }
  return out;
}

bool is_loopback(std::string_view host) {
  return host == "localhost" || host.starts_with("127.") || host == "[::1]" ||
         host.ends_with(".localhost");
}

bool has_line_break(std::string_view text) {
  return text.find_first_of(std::string_view("\r\n\0", 3)) != text.npos;
}

Result<HeaderList> header_list(const HttpRequest& request) {
  HeaderList list;
  const auto add = [&](const std::string& line) {
    curl_slist* longer = curl_slist_append(list.get(), line.c_str());
    if (longer == nullptr) return false;
    [[maybe_unused]] curl_slist* const same = list.release();
    list.reset(longer);
    return true;
  };
  // No "Expect: 100-continue": it costs a round trip for bodies that are small here.
  bool added = add("Expect:");
  for (const auto& [name, value] : request.headers) {
    if (name.empty() || has_line_break(name) || has_line_break(value)) {
      return fail(Code::kInvalidArgument, "a header contains a line break");
    }
    // curl takes "Name;" for a header with an empty value.
    added = added && add(value.empty() ? name + ";" : name + ": " + value);
  }
  if (!added) return fail(Code::kInternal, "out of memory");
  return list;
}

void set_request(CURL* easy, const HttpRequest& request, const curl_slist* headers,
                 const Origin& origin) {
  curl_easy_setopt(easy, CURLOPT_NOSIGNAL, 1L);
  curl_easy_setopt(easy, CURLOPT_PROTOCOLS_STR, "http,https");
  curl_easy_setopt(easy, CURLOPT_HTTPHEADER, headers);
  curl_easy_setopt(easy, CURLOPT_CONNECTTIMEOUT_MS,
                   static_cast<long>(request.connect_timeout.count()));
  curl_easy_setopt(easy, CURLOPT_TIMEOUT_MS, static_cast<long>(request.timeout.count()));
  if (request.timeout.count() == 0) {
    curl_easy_setopt(easy, CURLOPT_LOW_SPEED_LIMIT, 1L);
    curl_easy_setopt(easy, CURLOPT_LOW_SPEED_TIME, 300L);
  }
  curl_easy_setopt(easy, CURLOPT_SSL_VERIFYPEER, 1L);
  curl_easy_setopt(easy, CURLOPT_SSL_VERIFYHOST, 2L);
  curl_easy_setopt(easy, CURLOPT_SSLVERSION, static_cast<long>(CURL_SSLVERSION_TLSv1_2));
  if (!request.ca_file.empty()) {
    curl_easy_setopt(easy, CURLOPT_CAINFO, request.ca_file.c_str());
    curl_easy_setopt(easy, CURLOPT_CAPATH, nullptr);
  }
  if (!request.unix_socket.empty()) {
    curl_easy_setopt(easy, CURLOPT_UNIX_SOCKET_PATH, request.unix_socket.c_str());
  }
  if (!request.unix_socket.empty() || is_loopback(origin.host))
    curl_easy_setopt(easy, CURLOPT_PROXY, "");
  if (!request.body.empty() || request.method == "POST" || request.method == "PUT") {
    curl_easy_setopt(easy, CURLOPT_POSTFIELDSIZE_LARGE,
                     static_cast<curl_off_t>(request.body.size()));
    curl_easy_setopt(easy, CURLOPT_POSTFIELDS, request.body.c_str());
  }
  if (request.method == "HEAD") curl_easy_setopt(easy, CURLOPT_NOBODY, 1L);
  curl_easy_setopt(easy, CURLOPT_CUSTOMREQUEST, request.method.c_str());
}

Error failure(CURLcode code, const Incoming& in, const char* detail) {
  if (in.refused) return *in.refused;
  if (in.too_large) return Error{Code::kTooLarge, "the response is too large", {}, {}};
  const std::string text = *detail != '\0' ? detail : curl_easy_strerror(code);
  switch (code) {
    case CURLE_OPERATION_TIMEDOUT:
      return Error{Code::kDeadlineExceeded, text, {}, {}};
    case CURLE_URL_MALFORMAT:
    case CURLE_UNSUPPORTED_PROTOCOL:
      return Error{Code::kInvalidArgument, text, {}, {}};
    default:
      return Error{Code::kUnavailable, text, {}, {}};
  }
}

struct Answer {
  HttpResponse response;
  std::string redirect;  // absolute URL, or empty
};

Result<Answer> perform(CURL* easy, const std::string& url, const HttpRequest& request) {
  Incoming in;
  in.max_body = request.max_response;
  in.easy = easy;
  in.request = &request;
  std::array<char, CURL_ERROR_SIZE> detail{};
  curl_easy_setopt(easy, CURLOPT_ERRORBUFFER, detail.data());
  curl_easy_setopt(easy, CURLOPT_URL, url.c_str());
  curl_easy_setopt(easy, CURLOPT_WRITEFUNCTION, take_body);
  curl_easy_setopt(easy, CURLOPT_WRITEDATA, &in);
  curl_easy_setopt(easy, CURLOPT_HEADERFUNCTION, take_header);
  curl_easy_setopt(easy, CURLOPT_HEADERDATA, &in);
  const CURLcode code = curl_easy_perform(easy);
  curl_easy_setopt(easy, CURLOPT_ERRORBUFFER, nullptr);
  if (code != CURLE_OK) return std::unexpected(failure(code, in, detail.data()));
  Answer out{std::move(in.response), {}};
  long status = 0;
  curl_easy_getinfo(easy, CURLINFO_RESPONSE_CODE, &status);
  out.response.status = static_cast<unsigned>(status);
  const char* redirect = nullptr;
  curl_easy_getinfo(easy, CURLINFO_REDIRECT_URL, &redirect);
  if (redirect != nullptr) out.redirect = redirect;
  return out;
}

}  // namespace

std::string_view HttpResponse::header(std::string_view name) const {
  for (const auto& [key, value] : headers) {
    if (equal_ignoring_case(key, name)) return value;
  }
  return {};
}

Result<HttpResponse> send(const HttpRequest& request, const OnLane&) {
  [[maybe_unused]] static const CURLcode initialised = curl_global_init(CURL_GLOBAL_DEFAULT);
  const Origin origin = TRY(origin_of(request.url));
  const HeaderList headers = TRY(header_list(request));
  const Easy easy(curl_easy_init());
  if (!easy) return fail(Code::kInternal, "out of memory");
  set_request(easy.get(), request, headers.get(), origin);
  std::string url = request.url;
  for (int hop = 0; hop <= kMaxRedirects; ++hop) {
    Answer answer = TRY(perform(easy.get(), url, request));
    if (answer.redirect.empty() || (request.method != "GET" && request.method != "HEAD")) {
      return std::move(answer.response);
    }
    if (TRY(origin_of(answer.redirect)) != origin) {
      return std::unexpected(
          Error{Code::kRefused, "the server redirects to another host", {}, {}}.with(
              "to", answer.redirect));
    }
    url = std::move(answer.redirect);
  }
  return fail(Code::kRefused, "too many redirects");
}

}  // namespace chancery::net
