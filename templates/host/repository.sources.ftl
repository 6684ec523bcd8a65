Types: deb
URIs: ${repository.url}
Suites: ${repository.suite}
Components: ${repository.component}
Signed-By: /etc/apt/keyrings/ninefold.asc
