//! A certificate authority for one test.

use std::{io, net::TcpStream, sync::Arc};

use rcgen::{BasicConstraints, CertificateParams, DnType, IsCa, Issuer, KeyPair, date_time_ymd};
use rustls::{
    RootCertStore, ServerConfig, ServerConnection, StreamOwned,
    crypto::CryptoProvider,
    server::{ClientHello, ResolvesServerCert, WebPkiClientVerifier},
    sign::CertifiedKey,
};
use rustls_pki_types::{CertificateDer, PrivateKeyDer, pem::PemObject as _};

use crate::server::{Stream, Tls};

/// It signs what it is asked to.
pub struct Authority {
    issuer: Issuer<'static, KeyPair>,
    /// Its certificate.
    pub pem: String,
}

/// A certificate and its key, in PEM.
pub struct Leaf {
    pub certificate: String,
    pub key: String,
}

impl Authority {
    pub fn new() -> Self {
        let mut params = CertificateParams::default();
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        params.distinguished_name.push(DnType::CommonName, "Root of a test");
        let key = KeyPair::generate().unwrap();
        let pem = params.self_signed(&key).unwrap().pem();
        Self { issuer: Issuer::new(params, key), pem }
    }

    /// A certificate for a name.
    pub fn leaf(&self, name: &str) -> Leaf {
        self.leaf_until(name, 4000)
    }

    /// A certificate that ends at the beginning of a year.
    pub fn leaf_until(&self, name: &str, year: i32) -> Leaf {
        let mut params = CertificateParams::new([name.to_owned()]).unwrap();
        params.not_after = date_time_ymd(year, 1, 1);
        let key = KeyPair::generate().unwrap();
        let certificate = params.signed_by(&key, &self.issuer).unwrap().pem();
        Leaf { certificate, key: key.serialize_pem() }
    }
}

impl Default for Authority {
    fn default() -> Self {
        Self::new()
    }
}

impl Leaf {
    /// A self-signed certificate.
    pub fn self_signed(name: &str) -> Self {
        Self::of_its_own(name, false, 4000)
    }

    /// The same, until the beginning of a year, and perhaps an authority too: those that `openssl
    /// req -x509` makes are.
    pub fn of_its_own(name: &str, is_authority: bool, year: i32) -> Self {
        let mut params = CertificateParams::new([name.to_owned()]).unwrap();
        if is_authority {
            params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        }
        params.distinguished_name.push(DnType::CommonName, name);
        params.not_after = date_time_ymd(year, 1, 1);
        let key = KeyPair::generate().unwrap();
        Self { certificate: params.self_signed(&key).unwrap().pem(), key: key.serialize_pem() }
    }

    /// A server that shows this certificate without having looked at it.
    pub fn server_unchecked(&self) -> Tls {
        let certificate = CertificateDer::from_pem_slice(self.certificate.as_bytes()).unwrap();
        let key = PrivateKeyDer::from_pem_slice(self.key.as_bytes()).unwrap();
        let key = provider().key_provider.load_private_key(key).unwrap();
        let shown = Shown(Arc::new(CertifiedKey::new(vec![certificate], key)));
        let builder = ServerConfig::builder_with_provider(provider());
        let builder = builder.with_safe_default_protocol_versions().unwrap();
        tls(builder.with_no_client_auth().with_cert_resolver(Arc::new(shown)))
    }

    /// A server that shows this certificate.
    pub fn server(&self) -> Tls {
        self.configured(None)
    }

    /// A server that wants one of that authority in return.
    pub fn server_for_clients_of(&self, authority: &Authority) -> Tls {
        self.configured(Some(authority))
    }

    fn configured(&self, authority: Option<&Authority>) -> Tls {
        let builder = ServerConfig::builder_with_provider(provider())
            .with_safe_default_protocol_versions()
            .unwrap();
        let builder = match authority {
            None => builder.with_no_client_auth(),
            Some(authority) => {
                let mut roots = RootCertStore::empty();
                roots
                    .add(CertificateDer::from_pem_slice(authority.pem.as_bytes()).unwrap())
                    .unwrap();
                let verifier =
                    WebPkiClientVerifier::builder_with_provider(Arc::new(roots), provider())
                        .build()
                        .unwrap();
                builder.with_client_cert_verifier(verifier)
            }
        };
        let certificate = CertificateDer::from_pem_slice(self.certificate.as_bytes()).unwrap();
        let key = PrivateKeyDer::from_pem_slice(self.key.as_bytes()).unwrap();
        tls(builder.with_single_cert(vec![certificate], key).unwrap())
    }
}

/// `openssl x509 -req` makes such ones: of version 1, for `localhost`, good for a hundred years.
pub fn version_1() -> Leaf {
    let (certificate, key) = (include_str!("version_1.pem"), include_str!("version_1.key"));
    Leaf { certificate: certificate.to_owned(), key: key.to_owned() }
}

#[derive(Debug)]
struct Shown(Arc<CertifiedKey>);

impl ResolvesServerCert for Shown {
    fn resolve(&self, _: ClientHello<'_>) -> Option<Arc<CertifiedKey>> {
        Some(Arc::clone(&self.0))
    }
}

fn tls(config: ServerConfig) -> Tls {
    let config = Arc::new(config);
    Arc::new(move |tcp: &TcpStream| {
        let mut conn = ServerConnection::new(Arc::clone(&config)).map_err(io::Error::other)?;
        let mut sock = tcp.try_clone()?;
        while conn.is_handshaking() {
            conn.complete_io(&mut sock)?;
        }
        let stream: Box<dyn Stream> = Box::new(StreamOwned { conn, sock });
        Ok(stream)
    })
}

fn provider() -> Arc<CryptoProvider> {
    Arc::new(rustls::crypto::aws_lc_rs::default_provider())
}
