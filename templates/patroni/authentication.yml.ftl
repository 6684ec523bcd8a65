# Whoever changes something by Patroni's REST API has this too: an address can be taken by another machine.
restapi:
  authentication:
    username: ninefold
    password: "${password}"
