//! The TLS configuration that the options ask for.

use std::sync::Arc;

use fief_proto::TransportError;
use rustls::{
    CertificateError, ClientConfig, DigitallySignedStruct, OtherError, RootCertStore,
    SignatureScheme,
    client::{
        WebPkiServerVerifier,
        danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier},
        verify_server_cert_signed_by_trust_anchor, verify_server_name,
    },
    crypto::CryptoProvider,
    server::ParsedCertificate,
};
use rustls_pki_types::{
    CertificateDer, PrivateKeyDer, ServerName, UnixTime,
    pem::{Error as PemError, PemObject as _, SectionKind},
};
use rustls_platform_verifier::Verifier;

use super::failure::{self, Unusable};
use crate::{ClientCertificate, Roots, TransportOptions};

/// A configuration, or why there is none: on a machine without certificate authorities plain `http`
/// still works, and `https` fails with this error.
pub type Tls = Result<Arc<ClientConfig>, TransportError>;

/// Reads the options. Wrong ones fail here; missing platform roots fail when they are needed. With a
/// plain `http` base URL they never are, and not read: that takes milliseconds.
///
/// # Errors
///
/// [`TransportError`] of the kind `Configuration`, naming what can't be used.
pub fn tls(options: &TransportOptions, base_url: &str) -> Result<Tls, TransportError> {
    options.check()?;
    let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
    let named = named_roots(&options.roots)?;
    let identity = options.client_certificate.as_ref().map(identity).transpose()?;
    if !base_url.starts_with("https:") {
        return Ok(Err(failure::configuration("the base URL is plain http")));
    }
    let verifier = match verifier(options, named, &provider)? {
        Ok(verifier) => verifier,
        Err(error) => {
            let message = "the platform has no certificate authorities to trust";
            return Ok(Err(failure::configuration(message).because(error)));
        }
    };
    let builder = ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .map_err(|error| failure::configuration("no TLS version to offer").because(error))?
        .dangerous()
        .with_custom_certificate_verifier(verifier);
    let mut config = match identity {
        None => builder.with_no_client_auth(),
        Some((chain, key)) => builder.with_client_auth_cert(chain, key).map_err(|error| {
            failure::configuration("the client certificate and its key can't be used")
                .because(error)
        })?,
    };
    config.alpn_protocols = vec![b"http/1.1".to_vec()];
    Ok(Ok(Arc::new(config)))
}

type Verification = Result<Arc<dyn ServerCertVerifier>, rustls::Error>;

fn verifier(
    options: &TransportOptions,
    (named, store): (Vec<Named>, RootCertStore),
    provider: &Arc<CryptoProvider>,
) -> Result<Verification, TransportError> {
    if options.dangerous_accept_any_certificate {
        return Ok(Ok(Arc::new(AcceptAny(Arc::clone(provider)))));
    }
    let provider = Arc::clone(provider);
    let platform = |roots: Vec<CertificateDer<'static>>| -> Verification {
        Ok(Arc::new(if roots.is_empty() {
            Verifier::new(Arc::clone(&provider))?
        } else {
            Verifier::new_with_extra_roots(roots, Arc::clone(&provider))?
        }))
    };
    let authorities = match &options.roots {
        Roots::Platform => return Ok(platform(Vec::new())),
        Roots::PlatformAnd(_) => {
            platform(named.iter().map(|root| root.certificate.clone()).collect())
        }
        Roots::Only(_) => {
            let verifier: Arc<dyn ServerCertVerifier> =
                WebPkiServerVerifier::builder_with_provider(Arc::new(store), provider)
                    .build()
                    .map_err(|error| {
                        failure::configuration("the roots can't be used").because(error)
                    })?;
            Ok(verifier)
        }
    };
    Ok(authorities.map(|authorities| -> Arc<dyn ServerCertVerifier> {
        Arc::new(NamedOrSigned { named, authorities })
    }))
}

/// A certificate of the configured PEM, and the number of its block.
#[derive(Debug)]
struct Named {
    certificate: CertificateDer<'static>,
    block: usize,
}

/// The roots of the options' PEM. All of them must be usable: a root that is silently left out is
/// hard to find later.
fn named_roots(roots: &Roots) -> Result<(Vec<Named>, RootCertStore), TransportError> {
    let mut store = RootCertStore::empty();
    let named = match roots {
        Roots::Platform => Vec::new(),
        Roots::PlatformAnd(pem) | Roots::Only(pem) => certificates("the root certificates", pem)?,
    };
    for Named { certificate, block } in &named {
        store.add(certificate.clone()).map_err(|error| {
            failure::configuration(format!(
                "the root certificates: block {block} of the PEM can't be used as a certificate"
            ))
            .because(error)
        })?;
    }
    Ok((named, store))
}

fn identity(
    certificate: &ClientCertificate,
) -> Result<(Vec<CertificateDer<'static>>, PrivateKeyDer<'static>), TransportError> {
    let chain = certificates("the client certificate", &certificate.chain)?;
    let key = PrivateKeyDer::from_pem_slice(certificate.key.expose().as_bytes())
        .map_err(|error| bad_pem("the client key", 1, &error))?;
    Ok((chain.into_iter().map(|named| named.certificate).collect(), key))
}

/// The certificates of a PEM file, which may hold a key too.
fn certificates(what: &str, pem: &[u8]) -> Result<Vec<Named>, TransportError> {
    // Some editors write a byte order mark, which would hide the first block.
    let pem = pem.strip_prefix(b"\xef\xbb\xbf").unwrap_or(pem);
    let mut certificates = Vec::new();
    let mut blocks = 0;
    for section in <(SectionKind, Vec<u8>)>::pem_slice_iter(pem) {
        blocks += 1;
        match section.map_err(|error| bad_pem(what, blocks, &error))? {
            (SectionKind::Certificate, der) => {
                certificates.push(Named { certificate: der.into(), block: blocks });
            }
            (
                SectionKind::PrivateKey | SectionKind::RsaPrivateKey | SectionKind::EcPrivateKey,
                mut key,
            ) => super::wipe(&mut key),
            _ => {
                return Err(failure::configuration(format!(
                    "{what}: block {blocks} of the PEM is not a certificate"
                )));
            }
        }
    }
    // The parser skips blocks that it does not know, `TRUSTED CERTIFICATE` for example.
    let begun = pem.windows(11).filter(|bytes| *bytes == b"-----BEGIN ").count();
    if begun > blocks {
        return Err(failure::configuration(format!(
            "{what}: {} of the {begun} blocks of the PEM have a BEGIN line of an unknown kind",
            begun - blocks
        )));
    }
    if certificates.is_empty() {
        return Err(bad_pem(what, 1, &PemError::NoItemsFound));
    }
    Ok(certificates)
}

/// Leaves out the error of the parser: it quotes the line at fault, which may hold a key.
fn bad_pem(what: &str, block: usize, error: &PemError) -> TransportError {
    let fault = match error {
        PemError::Base64Decode(_) => "is not base64",
        PemError::IllegalSectionStart { .. } => "has a malformed BEGIN line",
        PemError::MissingSectionEnd { .. } => "has no END line",
        PemError::NoItemsFound => {
            return failure::configuration(format!("{what}: the PEM holds none"));
        }
        _ => "can't be read",
    };
    failure::configuration(format!("{what}: block {block} of the PEM {fault}"))
}

/// Accepts a certificate that is byte for byte one of the configured roots as the server's own, as
/// OpenSSL does: a self-signed one has no other issuer. Others have to be signed by an authority.
#[derive(Debug)]
struct NamedOrSigned {
    named: Vec<Named>,
    authorities: Arc<dyn ServerCertVerifier>,
}

impl ServerCertVerifier for NamedOrSigned {
    fn verify_server_cert(
        &self,
        end_entity: &CertificateDer<'_>,
        intermediates: &[CertificateDer<'_>],
        server_name: &ServerName<'_>,
        ocsp_response: &[u8],
        now: UnixTime,
    ) -> Result<ServerCertVerified, rustls::Error> {
        let Some(named) = self.named.iter().find(|named| named.certificate == *end_entity) else {
            return self.authorities.verify_server_cert(
                end_entity,
                intermediates,
                server_name,
                ocsp_response,
                now,
            );
        };
        let certificate = ParsedCertificate::try_from(end_entity)
            .map_err(|error| Unusable::of(named.block, error))?;
        // Among no authorities at all it passes every check but that of its issuer: dates first.
        let none = RootCertStore::empty();
        match verify_server_cert_signed_by_trust_anchor(&certificate, &none, &[], now, &[]) {
            Err(rustls::Error::InvalidCertificate(CertificateError::UnknownIssuer)) | Ok(()) => {}
            Err(error) if is_authority(&error) => {}
            Err(error) => return Err(error),
        }
        verify_server_name(&certificate, server_name)?;
        Ok(ServerCertVerified::assertion())
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        cert: &CertificateDer<'_>,
        dss: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        self.authorities.verify_tls12_signature(message, cert, dss)
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        cert: &CertificateDer<'_>,
        dss: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        self.authorities.verify_tls13_signature(message, cert, dss)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.authorities.supported_verify_schemes()
    }
}

/// Whether a certificate is refused only because it is marked as an authority, as every one is that
/// `openssl req -x509` makes.
fn is_authority(error: &rustls::Error) -> bool {
    let rustls::Error::InvalidCertificate(CertificateError::Other(OtherError(error))) = error
    else {
        return false;
    };
    matches!(error.downcast_ref(), Some(webpki::Error::CaUsedAsEndEntity))
}

/// What [`TransportOptions::dangerous_accept_any_certificate`] asks for.
#[derive(Debug)]
struct AcceptAny(Arc<CryptoProvider>);

impl ServerCertVerifier for AcceptAny {
    fn verify_server_cert(
        &self,
        _end_entity: &CertificateDer<'_>,
        _intermediates: &[CertificateDer<'_>],
        _server_name: &ServerName<'_>,
        _ocsp_response: &[u8],
        _now: UnixTime,
    ) -> Result<ServerCertVerified, rustls::Error> {
        Ok(ServerCertVerified::assertion())
    }

    fn verify_tls12_signature(
        &self,
        _message: &[u8],
        _cert: &CertificateDer<'_>,
        _dss: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        Ok(HandshakeSignatureValid::assertion())
    }

    fn verify_tls13_signature(
        &self,
        _message: &[u8],
        _cert: &CertificateDer<'_>,
        _dss: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        Ok(HandshakeSignatureValid::assertion())
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.0.signature_verification_algorithms.supported_schemes()
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "tests may panic")]

    use super::*;

    #[test]
    fn plain_http_reads_no_authorities_and_all_options() {
        let message = |options: &TransportOptions, base_url| match tls(options, base_url) {
            Ok(Ok(_)) => "ready".to_owned(),
            Ok(Err(error)) | Err(error) => error.to_string(),
        };
        let mut options = TransportOptions::default();
        assert_eq!(message(&options, "https://example.com"), "ready");
        assert!(message(&options, "http://localhost").contains("the base URL is plain http"));
        options.client_certificate =
            Some(ClientCertificate { chain: b"none".to_vec(), key: "none".into() });
        for base_url in ["https://example.com", "http://localhost"] {
            assert!(message(&options, base_url).contains("the client certificate"));
        }
        options.roots = Roots::Only(b"none".to_vec());
        for base_url in ["https://example.com", "http://localhost"] {
            assert!(message(&options, base_url).contains("the root certificates"));
        }
    }

    #[test]
    fn a_byte_order_mark_hides_no_certificate() {
        let pem = "\u{feff}-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n";
        assert_eq!(certificates("the roots", pem.as_bytes()).unwrap().len(), 1);
    }
}
