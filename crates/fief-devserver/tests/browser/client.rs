//! The program that users sign in to, and its server.

use std::{
    io::{BufRead, BufReader, Write},
    net::{TcpListener, TcpStream},
    thread,
};

use fief_devserver::{Builder, Client, DevServer, FieldType, User, UserField};
use url::form_urlencoded::Serializer;

pub const CLIENT_ID: &str = "web";
pub const CLIENT_SECRET: &str = "web-secret";
pub const EMAIL: &str = "anne@bretagne.duchy";
pub const PASSWORD: &str = "hermine-tincture-1488";

/// A server with a client of its own and one of a third party.
pub fn server() -> DevServer {
    DevServer::builder()
        .client(Client::confidential(CLIENT_ID, CLIENT_SECRET).name("Castles & Co"))
        .client(Client::confidential("other", "other-secret").name("Other Castles").third_party())
        .user(User::new(EMAIL, PASSWORD).permission("castles:read").field("first_name", "Anne"))
        .permission("castles:create", "Create castles")
        .start()
        .unwrap()
}

/// A server that asks for fields of several types at registration.
pub fn asking() -> DevServer {
    let field = |slug: &str, field_type: FieldType, name: &str| {
        let mut field = UserField::new(slug, field_type);
        name.clone_into(&mut field.name);
        field.at_registration = true;
        field
    };
    let mut castles = field("castles", FieldType::Integer, "Castles");
    castles.required = true;
    let mut title = field("title", FieldType::Choice, "Title");
    title.choices = vec![("duchess".to_owned(), "Duchess".to_owned())];
    let fields = [
        castles,
        title,
        field("phone", FieldType::PhoneNumber, "Phone number"),
        field("newsletter", FieldType::Boolean, "Send me the newsletter"),
        field("address", FieldType::Address, "Address"),
    ];
    let server = fields.into_iter().fold(DevServer::builder(), Builder::user_field);
    server.start().unwrap()
}

/// The redirect URI of a client, and the page that it shows.
pub struct Callback {
    pub redirect_uri: String,
    /// Where the browser ends up: on another origin, as with a client whose pages are on another
    /// host.
    pub welcome: String,
}

impl Callback {
    /// Serves until the tests end, and is registered with the client.
    pub fn of(server: &DevServer, client_id: &str) -> Self {
        let welcome =
            format!("{}/welcome", listen(|_| page("Welcome")).replace("localhost", "127.0.0.1"));
        let to = welcome.clone();
        let origin = listen(move |_| {
            format!(
                "HTTP/1.1 302 Found\r\nlocation: {to}\r\ncontent-length: 0\r\nconnection: close\r\n\r\n"
            )
        });
        let redirect_uri = format!("{origin}/callback");
        server.add_redirect_uri(client_id, &redirect_uri).unwrap();
        Self { redirect_uri, welcome }
    }

    pub fn authorization_url(
        &self,
        server: &DevServer,
        client_id: &str,
        extra: &[(&str, &str)],
    ) -> String {
        let query = Serializer::new(String::new())
            .append_pair("response_type", "code")
            .append_pair("client_id", client_id)
            .append_pair("redirect_uri", &self.redirect_uri)
            // If a parameter is repeated, the last one counts.
            .append_pair("scope", "openid offline_access")
            .extend_pairs(extra)
            .finish();
        format!("{}/authorize?{query}", server.base_url())
    }
}

fn page(title: &str) -> String {
    let body = format!("<!DOCTYPE html><title>{title}</title>");
    let length = body.len();
    format!(
        "HTTP/1.1 200 OK\r\ncontent-type: text/html\r\ncontent-length: {length}\r\nconnection: close\r\n\r\n{body}"
    )
}

/// A server of one answer, by its origin.
fn listen(answer: impl Fn(&str) -> String + Send + 'static) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = listener.local_addr().unwrap().port();
    thread::spawn(move || {
        for stream in listener.incoming().map_while(Result::ok) {
            // The browser may have closed the connection meanwhile.
            let _ = reply(stream, &answer);
        }
    });
    format!("http://localhost:{port}")
}

fn reply(mut stream: TcpStream, answer: &impl Fn(&str) -> String) -> std::io::Result<()> {
    let mut lines = BufReader::new(&stream).lines();
    let first = lines.next().transpose()?.unwrap_or_default();
    for line in lines {
        if line?.is_empty() {
            break;
        }
    }
    stream.write_all(answer(&first).as_bytes())
}

/// A page of another origin.
pub fn plain_page() -> String {
    format!("{}/", listen(|_| page("Elsewhere")))
}
