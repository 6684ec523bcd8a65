userlist operators
  user ${user} insecure-password ${password}
