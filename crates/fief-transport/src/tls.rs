//! The TLS configuration that the options ask for.

use std::sync::Arc;

use rustls::{
    ClientConfig, DigitallySignedStruct, RootCertStore, SignatureScheme,
    client::{
        WebPkiServerVerifier,
        danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier},
    },
    crypto::CryptoProvider,
};
use rustls_pki_types::{
    CertificateDer, PrivateKeyDer, ServerName, UnixTime,
    pem::{Error as PemError, PemObject as _},
};
use rustls_platform_verifier::Verifier;

use crate::{ClientCertificate, Roots, TransportError, TransportOptions, failure};

/// A configuration, or why `https` is not to be had while plain `http` is: a machine without
/// certificate authorities.
pub type Tls = Result<Arc<ClientConfig>, TransportError>;

/// Reads the options. Wrong ones fail here; missing platform roots fail when they are needed.
///
/// `alpn` are the protocols to offer, the preferred one first.
///
/// # Errors
///
/// [`TransportError`] of the kind `Configuration`, naming what can't be used.
pub fn tls(options: &TransportOptions, alpn: &[&[u8]]) -> Result<Tls, TransportError> {
    let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
    let verifier = match verifier(options, &provider)? {
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
    let mut config = match &options.client_certificate {
        None => builder.with_no_client_auth(),
        Some(certificate) => {
            let (chain, key) = identity(certificate)?;
            builder.with_client_auth_cert(chain, key).map_err(|error| {
                failure::configuration("the client certificate and its key can't be used")
                    .because(error)
            })?
        }
    };
    config.alpn_protocols = alpn.iter().map(|protocol| protocol.to_vec()).collect();
    Ok(Ok(Arc::new(config)))
}

type Verification = Result<Arc<dyn ServerCertVerifier>, rustls::Error>;

fn verifier(
    options: &TransportOptions,
    provider: &Arc<CryptoProvider>,
) -> Result<Verification, TransportError> {
    if options.dangerous_accept_any_certificate {
        return Ok(Ok(Arc::new(AcceptAny(Arc::clone(provider)))));
    }
    let provider = Arc::clone(provider);
    Ok(match &options.roots {
        Roots::Only(pem) => {
            let roots = Arc::new(store(pem)?.0);
            let verifier =
                WebPkiServerVerifier::builder_with_provider(roots, provider).build().map_err(
                    |error| failure::configuration("the roots can't be used").because(error),
                )?;
            Ok(verifier)
        }
        Roots::PlatformAnd(pem) => Verifier::new_with_extra_roots(store(pem)?.1, provider)
            .map(|verifier| Arc::new(verifier) as Arc<dyn ServerCertVerifier>),
        Roots::Platform => Verifier::new(provider)
            .map(|verifier| Arc::new(verifier) as Arc<dyn ServerCertVerifier>),
    })
}

/// The roots in a PEM text, as a store and one by one. All of them must be certificates: a root
/// that is silently left out is a riddle later.
fn store(pem: &[u8]) -> Result<(RootCertStore, Vec<CertificateDer<'static>>), TransportError> {
    let certificates = certificates("root certificates", pem)?;
    let mut store = RootCertStore::empty();
    for certificate in &certificates {
        store.add(certificate.clone()).map_err(|error| {
            failure::configuration("the root certificates hold one that can't be used")
                .because(error)
        })?;
    }
    Ok((store, certificates))
}

fn identity(
    certificate: &ClientCertificate,
) -> Result<(Vec<CertificateDer<'static>>, PrivateKeyDer<'static>), TransportError> {
    let chain = certificates("client certificate", &certificate.chain)?;
    let key = PrivateKeyDer::from_pem_slice(certificate.key.expose().as_bytes())
        .map_err(|error| bad_pem("client key", &error))?;
    Ok((chain, key))
}

fn certificates(what: &str, pem: &[u8]) -> Result<Vec<CertificateDer<'static>>, TransportError> {
    let certificates: Vec<_> = CertificateDer::pem_slice_iter(pem)
        .collect::<Result<_, _>>()
        .map_err(|error| bad_pem(what, &error))?;
    if certificates.is_empty() {
        return Err(bad_pem(what, &PemError::NoItemsFound));
    }
    Ok(certificates)
}

/// Without the error itself: it quotes the line at fault, and a key may stand on it.
fn bad_pem(what: &str, error: &PemError) -> TransportError {
    let fault = match error {
        PemError::Base64Decode(_) => "is not base64",
        PemError::IllegalSectionStart { .. } => "has a malformed BEGIN line",
        PemError::MissingSectionEnd { .. } => "has no END line",
        PemError::NoItemsFound => "holds none",
        _ => "can't be read",
    };
    failure::configuration(format!("{what}: the PEM text {fault}"))
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
