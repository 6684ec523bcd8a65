userlist operators
  user operator insecure-password ${password}
