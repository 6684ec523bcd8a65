<?xml version="1.0"?>
<!-- What the provider cannot say of a domain. -->
<xsl:stylesheet version="1.0" xmlns:xsl="http://www.w3.org/1999/XSL/Transform">
  <xsl:output omit-xml-declaration="yes" indent="yes"/>
  <xsl:template match="node()|@*">
    <xsl:copy><xsl:apply-templates select="node()|@*"/></xsl:copy>
  </xsl:template>
  <!-- A machine that stops feeding its watchdog starts anew. -->
  <xsl:template match="/domain/devices">
    <xsl:copy>
      <xsl:apply-templates select="node()|@*"/>
      <watchdog model="i6300esb" action="reset"/>
    </xsl:copy>
  </xsl:template>
  <!-- What the machine says as it boots is kept: the place to look when it doesn't answer. -->
  <xsl:template match="/domain/devices/console">
    <xsl:copy>
      <xsl:apply-templates select="node()|@*"/>
      <log file="/var/log/libvirt/qemu/{/domain/name}-console.log" append="on"/>
    </xsl:copy>
  </xsl:template>
  <!-- No screen: the console is the serial one. -->
  <xsl:template match="/domain/devices/graphics|/domain/devices/video"/>
</xsl:stylesheet>
