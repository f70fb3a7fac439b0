// Command acmez plays a client of the acmez library against an ACME directory: an account, a
// certificate by one challenge, its renewal information and renewal, a new account key, another
// certificate, revocation. It prints one JSON object with what it got. Not a part of the product.
package main

import (
	"context"
	"crypto"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/rsa"
	"crypto/tls"
	"crypto/x509"
	"encoding/json"
	"encoding/pem"
	"errors"
	"flag"
	"fmt"
	"net"
	"net/http"
	"os"
	"os/exec"
	"strings"
	"sync"
	"time"

	"github.com/mholt/acmez/v3"
	"github.com/mholt/acmez/v3/acme"
)

var (
	directory = flag.String("directory", "", "the directory's URL")
	caFile    = flag.String("ca", "", "PEM file that the server's certificate is verified with")
	method    = flag.String("method", "http-01", "http-01, dns-01 or tls-alpn-01")
	names     = flag.String("names", "", "names and addresses, separated by commas")
	address   = flag.String("listen", "", "where http-01 and tls-alpn-01 listen")
	update    = flag.String("update", "", "command that takes add|delete, name and text of a TXT record")
	keyType   = flag.String("key", "p256", "of the account: p256, p384, rsa")
	eabID     = flag.String("eab-id", "", "external account binding")
	eabKey    = flag.String("eab-key", "", "its key, base64url")
	profile   = flag.String("profile", "", "that the orders ask for")
	reason    = flag.Int("reason", 0, "of the revocation")
	contact   = flag.String("contact", "mailto:ops@acme.test", "of the account")
)

type result struct {
	Account   string   `json:"account"`
	Chains    []string `json:"chains"`  // of the first order: the default and its alternates
	Renewed   string   `json:"renewed"` // chain of the order that replaces
	After     string   `json:"after"`   // chain with the account's new key
	Window    []string `json:"window"`
	Retry     string   `json:"retry"`
	AfterGone []string `json:"after_gone"` // the window once revoked
}

func newKey(kind string) (crypto.Signer, error) {
	switch kind {
	case "p256":
		return ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	case "p384":
		return ecdsa.GenerateKey(elliptic.P384(), rand.Reader)
	case "rsa":
		return rsa.GenerateKey(rand.Reader, 2048)
	}
	return nil, fmt.Errorf("unknown key type %q", kind)
}

// web serves the key authorisations of http-01.
type web struct {
	mutex sync.Mutex
	pages map[string]string
}

func (w *web) Present(_ context.Context, c acme.Challenge) error {
	w.mutex.Lock()
	defer w.mutex.Unlock()
	w.pages[c.HTTP01ResourcePath()] = c.KeyAuthorization
	return nil
}
func (w *web) CleanUp(context.Context, acme.Challenge) error { return nil }
func (w *web) ServeHTTP(out http.ResponseWriter, in *http.Request) {
	w.mutex.Lock()
	defer w.mutex.Unlock()
	page, ok := w.pages[in.URL.Path]
	if !ok {
		http.NotFound(out, in)
		return
	}
	fmt.Fprint(out, page)
}

// alpn serves the certificates of tls-alpn-01, one at a time for each name.
type alpn struct {
	mutex sync.Mutex
	certs map[string]*tls.Certificate
}

func (a *alpn) Present(_ context.Context, c acme.Challenge) error {
	cert, err := acmez.TLSALPN01ChallengeCert(c)
	if err != nil {
		return err
	}
	a.mutex.Lock()
	defer a.mutex.Unlock()
	a.certs[c.Identifier.Value] = cert
	if c.Identifier.Type == "ip" {
		a.certs[""] = cert
	}
	return nil
}
func (a *alpn) CleanUp(context.Context, acme.Challenge) error { return nil }
func (a *alpn) config() *tls.Config {
	return &tls.Config{
		NextProtos: []string{"acme-tls/1"},
		GetCertificate: func(hello *tls.ClientHelloInfo) (*tls.Certificate, error) {
			a.mutex.Lock()
			defer a.mutex.Unlock()
			if cert, ok := a.certs[hello.ServerName]; ok {
				return cert, nil
			}
			if cert, ok := a.certs[""]; ok && strings.HasSuffix(hello.ServerName, ".arpa") {
				return cert, nil
			}
			return nil, errors.New("no challenge for this name")
		},
	}
}

// zone changes records by a command.
type zone struct{}

func (zone) run(verb string, c acme.Challenge) error {
	out, err := exec.Command(*update, verb, c.DNS01TXTRecordName(), c.DNS01KeyAuthorization()).CombinedOutput()
	if err != nil {
		return fmt.Errorf("%s: %w: %s", *update, err, out)
	}
	return nil
}
func (z zone) Present(_ context.Context, c acme.Challenge) error { return z.run("add", c) }
func (z zone) CleanUp(_ context.Context, c acme.Challenge) error { return z.run("delete", c) }

func solver() (acmez.Solver, error) {
	switch *method {
	case "dns-01":
		return zone{}, nil
	case "http-01":
		listener, err := net.Listen("tcp", *address)
		if err != nil {
			return nil, err
		}
		pages := &web{pages: map[string]string{}}
		go http.Serve(listener, pages)
		return pages, nil
	case "tls-alpn-01":
		certs := &alpn{certs: map[string]*tls.Certificate{}}
		listener, err := tls.Listen("tcp", *address, certs.config())
		if err != nil {
			return nil, err
		}
		go func() {
			for {
				connection, err := listener.Accept()
				if err != nil {
					return
				}
				go func() {
					connection.(*tls.Conn).Handshake()
					connection.Close()
				}()
			}
		}()
		return certs, nil
	}
	return nil, fmt.Errorf("unknown method %q", *method)
}

func newClient() (*acmez.Client, error) {
	roots := x509.NewCertPool()
	text, err := os.ReadFile(*caFile)
	if err != nil {
		return nil, err
	}
	if !roots.AppendCertsFromPEM(text) {
		return nil, errors.New("no certificate in " + *caFile)
	}
	solve, err := solver()
	if err != nil {
		return nil, err
	}
	transport := &http.Transport{TLSClientConfig: &tls.Config{RootCAs: roots}, ForceAttemptHTTP2: true}
	return &acmez.Client{
		Client: &acme.Client{
			Directory:    *directory,
			HTTPClient:   &http.Client{Transport: transport},
			PollInterval: 100 * time.Millisecond,
		},
		ChallengeSolvers: map[string]acmez.Solver{*method: solve},
	}, nil
}

func leafOf(chain []byte) (*x509.Certificate, error) {
	block, _ := pem.Decode(chain)
	if block == nil {
		return nil, errors.New("no PEM in the answer")
	}
	return x509.ParseCertificate(block.Bytes)
}

// obtain returns the chains: the default one and its alternates.
func obtain(ctx context.Context, client *acmez.Client, account acme.Account, old *x509.Certificate) ([]acme.Certificate, error) {
	key, err := newKey("p256")
	if err != nil {
		return nil, err
	}
	csr, err := acmez.NewCSR(key, strings.Split(*names, ","))
	if err != nil {
		return nil, err
	}
	order, err := acmez.OrderParametersFromCSR(account, csr)
	if err != nil {
		return nil, err
	}
	order.Replaces = old
	order.Profile = *profile
	return client.ObtainCertificate(ctx, order)
}

func window(ctx context.Context, client *acmez.Client, leaf *x509.Certificate) ([]string, string, error) {
	info, err := client.GetRenewalInfo(ctx, leaf)
	if err != nil {
		return nil, "", err
	}
	retry := ""
	if info.RetryAfter != nil {
		retry = info.RetryAfter.Format(time.RFC3339)
	}
	return []string{info.SuggestedWindow.Start.Format(time.RFC3339),
		info.SuggestedWindow.End.Format(time.RFC3339)}, retry, nil
}

func run(ctx context.Context) (*result, error) {
	client, err := newClient()
	if err != nil {
		return nil, err
	}
	key, err := newKey(*keyType)
	if err != nil {
		return nil, err
	}
	account := acme.Account{Contact: []string{*contact}, TermsOfServiceAgreed: true, PrivateKey: key}
	if *eabID != "" {
		if err := account.SetExternalAccountBinding(ctx, client.Client, acme.EAB{KeyID: *eabID, MACKey: *eabKey}); err != nil {
			return nil, err
		}
	}
	if account, err = client.NewAccount(ctx, account); err != nil {
		return nil, fmt.Errorf("new account: %w", err)
	}
	out := &result{Account: account.Location}
	first, err := obtain(ctx, client, account, nil)
	if err != nil {
		return nil, fmt.Errorf("first order: %w", err)
	}
	for _, chain := range first {
		out.Chains = append(out.Chains, string(chain.ChainPEM))
	}
	leaf, err := leafOf(first[0].ChainPEM)
	if err != nil {
		return nil, err
	}
	if out.Window, out.Retry, err = window(ctx, client, leaf); err != nil {
		return nil, fmt.Errorf("renewal information: %w", err)
	}
	renewed, err := obtain(ctx, client, account, leaf)
	if err != nil {
		return nil, fmt.Errorf("order that replaces: %w", err)
	}
	out.Renewed = string(renewed[0].ChainPEM)
	next, err := newKey("p256")
	if err != nil {
		return nil, err
	}
	if account, err = client.AccountKeyRollover(ctx, account, next); err != nil {
		return nil, fmt.Errorf("key change: %w", err)
	}
	after, err := obtain(ctx, client, account, nil)
	if err != nil {
		return nil, fmt.Errorf("order with the new key: %w", err)
	}
	out.After = string(after[0].ChainPEM)
	gone, err := leafOf(after[0].ChainPEM)
	if err != nil {
		return nil, err
	}
	if err := client.RevokeCertificate(ctx, account, gone, account.PrivateKey, *reason); err != nil {
		return nil, fmt.Errorf("revocation: %w", err)
	}
	if out.AfterGone, _, err = window(ctx, client, gone); err != nil {
		return nil, fmt.Errorf("renewal information after revocation: %w", err)
	}
	return out, nil
}

func main() {
	flag.Parse()
	ctx, cancel := context.WithTimeout(context.Background(), 2*time.Minute)
	defer cancel()
	out, err := run(ctx)
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	json.NewEncoder(os.Stdout).Encode(out)
}
